/** The one thing of the real machine that a simulation needs: to know when everything has come to rest. */
const realSetImmediate = globalThis.setImmediate;

export interface Turn extends Disposable {
  /** Resolves when no promise and no tick is left to go on. */
  end(): Promise<void>;
}

/** `onUnhandled`: a promise was rejected and nobody looked. */
export function turnOfRealLoop(onUnhandled: (error: unknown) => void): Turn {
  process.on('unhandledRejection', onUnhandled);
  return {
    // Everything of this turn comes first: ticks and promises know no time.
    end: () => new Promise(resolve => void realSetImmediate(resolve)),
    [Symbol.dispose]: () => void process.off('unhandledRejection', onUnhandled),
  };
}
