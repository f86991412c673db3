/**
 * The states of a record (docs/genesys.md, sections 3.2, 3.3, 4.2).
 *
 * A record waits as Ready. A request for the next one makes it Retrieved: it gets a handle and a holder, and nothing else
 * of its chain is handed out until it is finished. Completing makes it Updated, and what still waits of its chain
 * ChainUpdated; a result that cancels makes it Cancelled and lets the chain go on. The other states come from the imported
 * file and stay.
 */
export const STATUS = {
  ready: 1,
  retrieved: 2,
  updated: 3,
  stale: 4,
  cancelled: 5,
  agentError: 6,
  chainUpdated: 7,
  missedCallback: 8,
  chainReady: 9,
  delegated: 10,
} as const;

export const TYPE = {
  unknown: 1,
  general: 2,
  campaignRescheduled: 3,
  personalRescheduled: 4,
  personalCallback: 5,
  campaignCallback: 6,
  noCall: 7,
} as const;

/** Whether records of this type are for the agent they name, and for nobody else. */
export const isPersonal = (recordType: number): boolean =>
  recordType === TYPE.personalRescheduled || recordType === TYPE.personalCallback;
