/** The rest of the world as servers see it: a recorder that has recordings or not, and the disk where audio is kept. */
import { createHash } from 'node:crypto';
import type { AudioStore } from '../../src/recordings/audioStore.ts';
import type { Fetching } from '../../src/recordings/download.ts';
import type { World } from './world.ts';

/** What a recorder gives at an address: `https://pbx.example/ok/7` has a recording, `/late/` has it at the second try. */
export class Outside {
  private readonly requested = new Map<string, number>();
  private readonly latencyMs: () => number;

  constructor(latencyMs: () => number) {
    this.latencyMs = latencyMs;
  }

  readonly store: AudioStore = {
    async keep(source) {
      const pieces: Uint8Array[] = [];
      for await (const piece of source) pieces.push(piece);
      const all = Buffer.concat(pieces);
      const digest = createHash('sha256').update(all).digest('hex');
      return { file: `${digest.slice(0, 2)}/${digest}.wav`, bytes: all.byteLength, digest, format: 'wav' };
    },
    read: () => {
      throw new Error('nobody listens to recordings here');
    },
    size: async () => null,
  };

  fetching(world: World): Fetching {
    return {
      fetchBytes: async url => {
        await world.sleep(this.latencyMs());
        const times = (this.requested.get(url) ?? 0) + 1;
        this.requested.set(url, times);
        const status = url.includes('/none/') || (url.includes('/late/') && times === 1) ? 404 : 200;
        await world.sleep(this.latencyMs());
        return { status, body: audio(url), discard: () => {} };
      },
    };
  }
}

async function* audio(url: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`RIFF....WAVE${url}`);
}
