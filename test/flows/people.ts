/** Who works at the office of the flows, and the number outside that calls it. Numbers outside are kept for fiction. */

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly password: string;
  readonly extension: string;
}

const person = (id: number, login: string, extension: string): Person => ({
  id,
  login,
  extension,
  password: `${login}-has-a-password`,
});

export const ANNA = person(11, 'anna', '1001');
export const BERT = person(12, 'bert', '1002');
export const CARL = person(13, 'carl', '1003');
export const DORA = person(14, 'dora', '1004');
/** Agents of the queues 6400 and 6401. */
export const FRED = person(21, 'fred', '4005');
export const GINA = person(22, 'gina', '4006');
export const HUGO = person(23, 'hugo', '4007');
/** At the second PBX. */
export const JANA = person(31, 'jana', '3001');

export const PEOPLE: readonly Person[] = [ANNA, BERT, CARL, DORA, FRED, GINA, HUGO, JANA];

export const CUSTOMER = '03023125101';
export const OTHER_CUSTOMER = '03023125102';
/** A mobile, as it is dialled from Germany. */
export const MOBILE = '00447700900123';
/** What the customers dial. */
export const MAIN_NUMBER = '03023125000';
export const TRUNK_IN = 'Telco';
export const TRUNK_OUT = 'SIP-Main';
