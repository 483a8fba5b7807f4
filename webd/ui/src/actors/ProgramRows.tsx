// What runs: program, command, what carries it, its key for sending, and whether it asks before it does something.
import type { FormOf } from '../settings/parts/use-form'
import { Segments, Select, type Choice } from '../settings/parts/controls'
import { PlainRow, Row } from '../settings/parts/Row'
import type { Runner, Submit } from '../wire/contract'
import { say } from '../words'
import { asking, isRisky, join, split, unasking } from './command'
import { usePrograms, usualCommand } from './programs'

export interface ProgramFields {
  runtime: string
  runner: Runner
  /** A line; empty is the usual command of the program. */
  command: string
  submit: Submit
}

/** The part of a wider form that these rows are about. */
export const partOf = <T extends ProgramFields>(form: FormOf<T>): FormOf<ProgramFields> => form as unknown as FormOf<ProgramFields>

export const RUNNERS = (): Choice<Runner>[] => (['pty', 'headless'] as const).map((value) => ({ value, name: say(`actors.runner.${value}`) }))
export const SUBMITS = (): Choice<Submit>[] => (['enter', 'newline', 'none'] as const).map((value) => ({ value, name: say(`actors.submit.${value}`) }))

export const PROGRAM_NAMES = {
  runtime: 'actors.runtime', runner: 'actors.runner', command: 'actors.command', submit: 'actors.submit',
} as const

/** The words that will run; null while a quote is open. */
export function wordsOf(fields: ProgramFields, usual: string[]): string[] | null {
  return fields.command.trim() === '' ? usual : split(fields.command)
}

/** Patch fields of an op: an empty command is told as null, which is the usual one. */
export function programPatch(patch: Partial<ProgramFields>): Record<string, unknown> {
  const { command, ...rest } = patch
  if (command === undefined) return rest
  const words = split(command)
  if (words === null) throw new Error(say('actors.command.quote'))
  return { ...rest, command: words.length === 0 ? null : words }
}

export function ProgramRows({ form, disabled = false }: { form: FormOf<ProgramFields>; disabled?: boolean }) {
  const programs = usePrograms((state) => state.programs)
  const fields = { runtime: form.value('runtime'), runner: form.value('runner'), command: form.value('command'), submit: form.value('submit') }
  const usual = usualCommand(programs, fields.runtime)
  const words = wordsOf(fields, usual)
  const risky = words !== null && isRisky(words)
  const known = programs ?? []
  const choices = known.map((one) => ({ value: one.name, name: one.available ? one.display_name : say('actors.runtime.missing', { name: one.display_name }) }))
  if (!known.some((one) => one.name === fields.runtime)) choices.push({ value: fields.runtime, name: fields.runtime })
  const change = (wanted: string): void => {
    if (words === null) return
    const next = wanted === 'asks' ? asking(words) : unasking(words, usual)
    form.set('command', join(next) === join(usual) ? '' : join(next))
  }
  return (
    <>
      <Row form={form} field="runtime" help={say('actors.runtime.help')}>
        {(named) => <Select value={fields.runtime} choices={choices} disabled={disabled} set={(value) => { form.set('runtime', value) }} {...named} />}
      </Row>
      <Row form={form} field="runner" help={say(`actors.runner.${fields.runner}.help`)}>
        {(named) => <Segments value={fields.runner} choices={RUNNERS()} disabled={disabled} set={(value) => { form.set('runner', value) }} {...named} />}
      </Row>
      {fields.runner === 'pty' && (
        <>
          <Row form={form} field="command" help={say('actors.command.help')} wide error={words === null ? say('actors.command.quote') : null}>
            {(named) => <input className="in mono" dir="ltr" spellCheck={false} autoComplete="off" placeholder={join(usual)} disabled={disabled} value={form.value('command')} onChange={(event) => { form.set('command', event.target.value) }} {...named} />}
          </Row>
          {(risky || isRisky(usual)) && (
            <PlainRow name={say('actors.asks')} help={say(risky ? 'actors.asks.no.help' : 'actors.asks.yes.help')}>
              {(named) => (
                <Segments value={risky ? 'free' : 'asks'} choices={[{ value: 'asks', name: say('actors.asks.yes') }, { value: 'free', name: say('actors.asks.no') }]} disabled={disabled || words === null} set={change} {...named} />
              )}
            </PlainRow>
          )}
          <Row form={form} field="submit" help={say('actors.submit.help')}>
            {(named) => <Select value={fields.submit} choices={SUBMITS()} disabled={disabled} set={(value) => { form.set('submit', value) }} {...named} />}
          </Row>
        </>
      )}
    </>
  )
}
