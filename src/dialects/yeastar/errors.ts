/** What a PBX is told, one table: the vendor's own codes where it has one (docs/yeastar.md, section 5.3). */
import type { FastifyReply } from 'fastify';

const ANSWERS = {
  success: { status: 200, errcode: 0, errmsg: 'SUCCESS' },
  syntax: { status: 400, errcode: 40001, errmsg: 'PARAMETER SYNTAX ERROR' },
  parameter: { status: 400, errcode: 40002, errmsg: 'PARAMETER ERROR' },
  denied: { status: 401, errcode: 10005, errmsg: 'ACCESS DENIED' },
  unknownPath: { status: 404, errcode: 10001, errmsg: 'INTERFACE NOT EXISTED' },
  method: { status: 405, errcode: 10001, errmsg: 'INTERFACE NOT EXISTED' },
  tooLarge: { status: 413, errcode: 40004, errmsg: 'FILE SIZE EXCEEDED' },
  failed: { status: 500, errcode: -2, errmsg: 'INTERNAL SERVER ERROR' },
  /** The PBX tries again after anything but a 2xx. */
  unavailable: { status: 503, errcode: -2, errmsg: 'INTERNAL SERVER ERROR' },
} as const;

export type Answer = keyof typeof ANSWERS;

const SUCCESS = '{"errcode":0,"errmsg":"SUCCESS"}';

/** `detail` says what to do about it; `field` names the parameter that is wrong. */
export function answer(reply: FastifyReply, kind: Answer, detail?: string, field?: string): FastifyReply {
  const { status, errcode, errmsg } = ANSWERS[kind];
  reply.status(status).type('application/json; charset=utf-8');
  if (kind === 'success') return reply.send(SUCCESS);
  if (kind === 'unavailable') reply.header('retry-after', '1');
  const invalid = field === undefined ? {} : { invalid_param_list: [{ field }] };
  return reply.send(
    JSON.stringify({ errcode, errmsg, ...invalid, ...(detail === undefined ? {} : { submsg: detail }) }),
  );
}
