/** Numbers that regulators keep for fiction, all different: nobody can be meant. E.164. */
const AREAS = ['202', '212', '303', '312', '415', '512', '617', '702', '808', '907'];

const numbered = (count: number, write: (digits: string) => string, length: number): string[] =>
  Array.from({ length: count }, (_, n) => write(String(n).padStart(length, '0')));

export const FICTION_NUMBERS: readonly string[] = [
  ...AREAS.flatMap(area => numbered(100, digits => `+1${area}55501${digits}`, 2)),
  ...numbered(1000, digits => `+442079460${digits}`, 3),
  ...numbered(1000, digits => `+493023125${digits}`, 3),
];
