// The fields of an actor that wait for Save, out of its row and into a patch. Pure but for words of refusals.
import type { ActorView, Deliver, Restart, Resume } from '../wire/contract'
import { say } from '../words'
import { environmentOf, join, linesOf } from './command'
import { programPatch, type ProgramFields } from './ProgramRows'

export interface ActorFields extends ProgramFields {
  title: string
  default_scope_key: string
  env: string
  restart: Restart
  deliver: Deliver
  resume: Resume
}

/** The usual command of its program is an empty field: then it follows the program. */
export const fieldsOf = (actor: ActorView, usual: string[]): ActorFields => ({
  title: actor.title,
  runtime: actor.runtime,
  runner: actor.runner,
  command: join(actor.command) === join(usual) ? '' : join(actor.command),
  submit: actor.submit,
  default_scope_key: actor.default_scope_key,
  env: linesOf(actor.env),
  restart: actor.restart,
  deliver: actor.deliver,
  resume: actor.resume,
})

/** @throws the sentence about the field that cannot be stored. */
export function patchOf({ env, title, default_scope_key, restart, deliver, resume, ...program }: Partial<ActorFields>): Record<string, unknown> {
  const given = Object.fromEntries(Object.entries({ title, default_scope_key, restart, deliver, resume }).filter(([, value]) => value !== undefined))
  const patch = { ...programPatch(program), ...given }
  if (env === undefined) return patch
  const read = environmentOf(env)
  if (read.wrong !== null) throw new Error(say('actors.env.wrong', { line: read.wrong }))
  return { ...patch, env: read.env }
}
