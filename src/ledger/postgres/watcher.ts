/**
 * Detects that other nodes have written: they notify after each batch, and a lost notification is made up for a moment
 * later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type Database } from './connection.ts';
import { channelOf } from './names.ts';

/** How late an entry of another node may be when its notification was lost. */
const LOOK_EVERY_MS = 1_000;

export interface WatcherOptions {
  readonly database: Database;
  readonly nodeId: string;
  /** The newest batch this node knows of. */
  readonly newestBatch: () => number;
}

export class Watcher {
  private readonly options: WatcherOptions;
  private readonly channel: string;
  private readonly closing = new AbortController();
  private connection: Connection | null = null;
  private ended: Promise<void> = Promise.resolve();

  constructor(options: WatcherOptions) {
    this.options = options;
    this.channel = channelOf(options.database.schema);
  }

  watch(onNews: () => void): void {
    this.ended = this.run(onNews);
  }

  /** Tells the other nodes that there is something new. Outside of the batch: it would take a lock of the whole server. */
  tell(): void {
    const { connection, channel, options } = this;
    if (connection?.isDead !== false) return;
    connection.execute('SELECT pg_notify($1, $2)', [channel, options.nodeId]).catch(() => {
      // They will see it.
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.ended;
  }

  private async run(onNews: () => void): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        const connection = await this.listen(onNews);
        try {
          // Whatever was notified while no connection listened.
          onNews();
          while (!signal.aborted) {
            const [row] = await connection.run('SELECT batch FROM head');
            if (row?.[0] !== this.options.newestBatch()) onNews();
            await sleep(LOOK_EVERY_MS, undefined, { signal });
          }
        } finally {
          this.connection = null;
          connection.destroy();
        }
      } catch {
        // The connection was lost, or there is none to be had: the batches report it.
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  private async listen(onNews: () => void): Promise<Connection> {
    const connection = await Connection.open(this.options.database, 'watcher');
    connection.client.on('notification', ({ payload }) => {
      if (payload !== this.options.nodeId) onNews();
    });
    try {
      await connection.run(`LISTEN ${this.channel}`);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    this.connection = connection;
    return connection;
  }
}
