/** How large the parameters of a request may be. One beyond is refused whole: PHP and qs drop what is too much in silence. */

/** The parameters cannot be read. The message is a sentence for the caller and quotes nothing of what came. */
export class ParamsProblem extends Error {
  override readonly name = 'ParamsProblem';
}

/** A transcription of ten thousand utterances has four values each; a batch has fifty. */
export const VALUES_MAX = 50_000;

/** As deep as PHP reads brackets. No method looks deeper than three levels. */
export const DEPTH_MAX = 64;

/** Keys of a batch carry two call ids of a PBX and a method's name; this is several times as long. */
export const KEY_MAX_CHARS = 1_000;

export const tooManyValues = () => new ParamsProblem(`The request has more than ${VALUES_MAX} values.`);
export const tooDeep = () => new ParamsProblem(`The parameters are nested more than ${DEPTH_MAX} levels deep.`);
export const keyTooLong = () => new ParamsProblem(`The name of a parameter has more than ${KEY_MAX_CHARS} characters.`);
