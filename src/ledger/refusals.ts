/** Nothing can be stored now: the disk is full, the store is away, the queue is full, or the server drains. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

/** This one command cannot be stored; others can. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
