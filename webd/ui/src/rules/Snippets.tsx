// The texts that rules share. They wait for Save, all together.
import { useState } from 'react'
import { Icon } from '../parts/Icon'
import { IconButton } from '../parts/Button'
import { PlainRow } from '../settings/parts/Row'
import type { FormOf } from '../settings/parts/use-form'
import type { Rule } from '../wire/contract'
import { say } from '../words'
import { list } from '../words/time'

export interface Texts {
  texts: Record<string, string>
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Rules that use a snippet. */
const users = (rules: Rule[], name: string): string[] =>
  rules.filter(({ action }) => action.kind === 'notify' && action.snippet_ref === name).map(({ id }) => id)

export function Snippets({ form, rules, vars }: { form: FormOf<Texts>; rules: Rule[]; vars: string[] }) {
  const [name, setName] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const texts = form.value('texts')
  const set = (next: Record<string, string>): void => { form.set('texts', next) }
  const add = (): void => {
    const id = name.trim()
    if (!NAME.test(id)) setWrong(say('rules.problem.form'))
    else if (id in texts) setWrong(say('rules.problem.taken'))
    else {
      setWrong(null)
      setName('')
      set({ ...texts, [id]: '' })
    }
  }
  const names = Object.keys(texts).sort()
  return (
    <section>
      <h2>{say('rules.snippets')}</h2>
      <p className="help rvars">{say('rules.vars')} {vars.map((one) => <code key={one} dir="ltr">{`{{${one}}}`}</code>)}</p>
      {form.conflicts.length > 0 && (
        <div className="note warn" role="alert">
          <div className="grow">
            <p className="b5">{say('rules.snippets.conflict')}</p>
            <dl className="kv">
              {Object.entries(form.now?.texts ?? {}).filter(([one, text]) => texts[one] !== text).map(([one, text]) => <div key={one} className="rboth"><dt>{say('rules.snippets.theirs', { name: one })}</dt><dd dir="auto">{text}</dd></div>)}
            </dl>
            <div className="row wrap">
              <button type="button" className="btn sm" onClick={() => { form.keepMine('texts') }}>{say('save.keep')}</button>
              <button type="button" className="btn sm" onClick={() => { form.takeTheirs('texts') }}>{say('save.take')}</button>
            </div>
          </div>
        </div>
      )}
      {names.map((one) => {
        const used = users(rules, one)
        return (
          <PlainRow
            key={one} name={one} wide changed={form.now?.texts[one] !== texts[one]}
            help={used.length > 0 ? say('rules.snippet.used', { names: list(used) }) : say('rules.snippet.unused')}
          >
            {(named) => (
              <div className="rsnip">
                <textarea className="in" dir="auto" rows={4} value={texts[one]} {...named} onChange={(event) => { set({ ...texts, [one]: event.target.value }) }} />
                <IconButton icon="trash" name={say('rules.snippet.remove', { name: one })} onClick={() => { set(Object.fromEntries(Object.entries(texts).filter(([other]) => other !== one))) }} />
              </div>
            )}
          </PlainRow>
        )
      })}
      <form className="row wrap rnew" onSubmit={(event) => { event.preventDefault(); add() }}>
        <input className="in" aria-label={say('rules.snippet.name')} placeholder={say('rules.snippet.name')} value={name} onChange={(event) => { setName(event.target.value) }} />
        <button type="submit" className="btn"><Icon name="plus" size="s12" />{say('rules.snippet.add')}</button>
        {wrong !== null && <span className="err" role="alert">{wrong}</span>}
      </form>
    </section>
  )
}
