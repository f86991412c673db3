import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly path: string;
  readonly kind: 'ext4 on a loop device' | 'tmpfs';
}

const MIB = 1024 * 1024;

/**
 * A file system of its own and of a given size, mounted below `directory`. Where that is not possible, the reason.
 * Disposing unmounts it; the disk must not be in use then.
 */
export function mountSmallDisk(directory: string, mebibytes: number): SmallDisk | { readonly reason: string } {
  if (process.platform !== 'linux')
    return { reason: `mounting a small disk is done on Linux only, this is ${process.platform}` };
  if (process.getuid?.() !== 0) return { reason: 'mounting a small disk needs root' };
  const path = join(directory, 'disk');
  const image = join(directory, 'disk.img');
  mkdirSync(path, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, mebibytes * MIB);
  // -m 0: no blocks kept back for root, who would not see the disk as full. -b 4096: as on every disk of an ordinary size;
  // in smaller blocks SQLite cannot allocate the shared memory of its log safely, and a full disk kills it with SIGBUS.
  const onLoop =
    run('mkfs.ext4', ['-q', '-F', '-m', '0', '-b', '4096', image]) ??
    run('mount', ['-o', 'loop,nosuid,nodev', image, path]);
  if (onLoop === null) return mounted(path, 'ext4 on a loop device');
  const onMemory = run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,nosuid,nodev`, 'aftercall-test', path]);
  if (onMemory === null) return mounted(path, 'tmpfs');
  return { reason: `neither a loop device (${onLoop}) nor a tmpfs (${onMemory}) can be mounted here` };
}

const disks = new Set<string>();

/** However this process ends, short of a kill, no mount is left behind. */
function watchExit(): void {
  process.on('exit', () => {
    for (const path of disks) run('umount', ['-l', path]);
  });
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(exitCode));
  }
}

function mounted(path: string, kind: SmallDisk['kind']): SmallDisk {
  if (disks.size === 0) watchExit();
  disks.add(path);
  return {
    path,
    kind,
    [Symbol.dispose]: () => {
      if (!disks.delete(path)) return;
      // Lazily when something still holds it: it goes with its last user.
      if (run('umount', [path]) !== null) run('umount', ['-l', path]);
    },
  };
}

/** Null when it went well, else what went wrong. */
function run(program: string, programArguments: readonly string[]): string | null {
  const { status, error, stderr } = spawnSync(program, programArguments, { encoding: 'utf8' });
  if (error !== undefined) return `${program}: ${error.message}`;
  return status === 0 ? null : `${program}: ${stderr.trim() || `exit code ${status}`}`;
}
