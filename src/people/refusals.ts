import { Refusal } from '../ledger/state.ts';

export type PeopleProblem =
  /** The organisation file says it, and would say it again. */
  | 'managedByFile'
  /** Nobody would be left who may change anything. */
  | 'noAdministrator'
  /** An extension or a device would be two people's at once. */
  | 'heldTwice'
  /** A login, a token or a code is somebody else's. */
  | 'taken'
  | 'unknownUser'
  /** Nobody comes in as a user who is not active. */
  | 'inactiveUser';

/** A change of users, tokens or webhooks that cannot be, whoever wants it; the message is for people. */
export class PeopleRefusal extends Refusal {
  override readonly name = 'PeopleRefusal';
  readonly problem: PeopleProblem;
  constructor(problem: PeopleProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}
