import { type RunningServer, type ServerOptions, startServer } from '../../kit/server.ts';
import { until } from '../../kit/until.ts';

/** Also on a machine that is busy with something else. */
const READY_WITHIN_MS = 600_000;

/** One of the servers that share a database. After a restart it is another process, at another port. */
export class ClusterNode {
  readonly name: string;
  private readonly options: ServerOptions;
  private running: RunningServer | null = null;

  constructor(name: string, options: ServerOptions) {
    this.name = name;
    this.options = options;
  }

  /** Null while there is no process that listens. */
  get server(): RunningServer | null {
    return this.running;
  }

  /** The process, which is there. */
  get process(): RunningServer {
    if (this.running === null) throw new Error(`${this.name} is not running`);
    return this.running;
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.running = await startServer(this.options);
    await this.ready();
  }

  async ready(): Promise<void> {
    const { process } = this;
    await until(
      `${this.name} is ready`,
      async () => ((await this.isReady(process)) ? true : undefined),
      READY_WITHIN_MS,
    );
  }

  private async isReady(server: RunningServer): Promise<boolean> {
    if (!server.running) throw new Error(`${this.name} has ended by itself:\n${server.output}`);
    const { status } = await server.get('/readyz');
    return status === 200;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { process } = this;
    this.running = null;
    await process.kill();
  }

  async stop(): Promise<void> {
    const { process } = this;
    this.running = null;
    await process.stop();
  }

  /** SIGSTOP: it does nothing, and its connections stay. */
  freeze(): void {
    process.kill(this.process.pid, 'SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    process.kill(this.process.pid, 'SIGCONT');
  }
}
