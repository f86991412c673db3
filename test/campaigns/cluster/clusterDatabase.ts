import { type RunningPostgres, startPostgres } from '../../kit/postgres.ts';
import { createScratch, type Scratch } from '../../kit/scratch.ts';
import { startStandby } from '../../kit/standby.ts';
import { startTcpProxy, type TcpProxy } from '../../kit/tcpProxy.ts';

/** The PostgreSQL of a campaign, with fsync as it comes, and the wire by which the nodes reach it where there is one. */
export class ClusterDatabase {
  readonly name: string;
  /** Stands for the address that moves with the primary; null: nodes reach the server itself. */
  readonly wire: TcpProxy | null;
  private primary: RunningPostgres;
  private waiting: RunningPostgres | null = null;
  private readonly scratches: Scratch[];

  private constructor(primary: RunningPostgres, scratch: Scratch, name: string, wire: TcpProxy | null) {
    this.primary = primary;
    this.scratches = [scratch];
    this.name = name;
    this.wire = wire;
  }

  static async start({ wired }: { readonly wired: boolean }): Promise<ClusterDatabase> {
    const scratch = createScratch('cluster-postgres');
    const primary = await startPostgres({ dataDir: scratch.path });
    const name = await primary.createDatabase();
    return new ClusterDatabase(primary, scratch, name, wired ? await startTcpProxy(primary) : null);
  }

  /** For DATABASE_URL. */
  get url(): string {
    const url = new URL(this.primary.url(this.name));
    if (this.wire !== null) url.port = String(this.wire.port);
    return url.href;
  }

  get standby(): RunningPostgres {
    if (this.waiting === null) throw new Error('there is no standby');
    return this.waiting;
  }

  /** Rows of a statement about the organisation's tables, asked of the primary itself. */
  run<Row extends object>(sql: string): Promise<Row[]> {
    return this.primary.run(this.name, `SET search_path = aftercall; ${sql}`) as unknown as Promise<Row[]>;
  }

  /** kill -9 of all its processes. */
  kill(): Promise<void> {
    return this.primary.kill();
  }

  freeze(): void {
    this.primary.freeze();
  }

  /** On what it has left, at the port where it was. */
  async restart(): Promise<void> {
    const { dataDir, port } = this.primary;
    this.primary = await startPostgres({ dataDir, port });
  }

  async addStandby(): Promise<void> {
    const scratch = createScratch('cluster-standby');
    this.scratches.push(scratch);
    this.waiting = await startStandby(this.primary, scratch.path);
  }

  /** The standby is the primary from now on; the one before is dead, and stays it. */
  async promote(): Promise<void> {
    const { standby } = this;
    await standby.promote();
    this.primary = standby;
    this.waiting = null;
    this.scratches.shift()?.[Symbol.dispose]();
  }

  /** Something went wrong: what is stored stays for the eye. */
  keep(): void {
    for (const each of this.scratches) each.keep();
  }

  async end(): Promise<void> {
    await this.wire?.[Symbol.asyncDispose]();
    await this.waiting?.kill();
    await this.primary.kill();
    for (const each of this.scratches) each[Symbol.dispose]();
  }
}
