// What is in a template, and what it would change, before it does.
import { Icon } from '../parts/Icon'
import { say, type Key } from '../words'
import { list } from '../words/time'
import type { Preview } from './store'

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const KNOWN_PROMPTS: Record<string, Key> = { preamble: 'groups.guide.preamble', help: 'groups.guide.help' }

/** How many things a template would change: none means that the group is like that already. */
export function countOf({ diff }: Preview): number {
  const prompts = Object.values(diff.prompts_changed).filter((one) => one.changed).length
  return diff.actors_add.length + diff.actors_update.length + diff.actors_remove.length + Object.keys(diff.settings_changed).length + prompts
}

export function Changes({ preview }: { preview: Preview }) {
  const { template, diff } = preview
  const actors: [Key, string[], string][] = [
    ['tpl.remove', diff.actors_remove, 'tb'], ['tpl.add', diff.actors_add, 'tg'], ['tpl.update', diff.actors_update, 'ta'],
  ]
  const prompts = Object.entries(diff.prompts_changed).filter(([, one]) => one.changed)
  const settings = Object.entries(diff.settings_changed)
  return (
    <div className="part" role="status">
      <p>{say('tpl.has', { title: template.title || say('save.empty'), actors: template.actors.length, rules: template.automation.rules, snippets: template.automation.snippets })}</p>
      {countOf(preview) === 0 && <p className="note good"><Icon name="st-accepted" /><span>{say('tpl.nothing')}</span></p>}
      <dl className="kv diff">
        {actors.filter(([, names]) => names.length > 0).map(([key, names, tone]) => <div key={key} className="kvrow"><dt>{say(key)}</dt><dd className={tone}>{list(names)}</dd></div>)}
        {settings.map(([name, one]) => (
          <div key={name} className="kvrow"><dt className="mono">{name}</dt><dd><del>{shown(one.from)}</del> <span aria-hidden="true">→</span> <ins>{shown(one.to)}</ins></dd></div>
        ))}
        {prompts.map(([name, one]) => {
          const known = KNOWN_PROMPTS[name]
          return (
            <div key={name} className="kvrow">
              <dt>{known ? say(known) : name}</dt>
              <dd>{one.new_source === 'builtin' ? say('tpl.prompt.builtin', { n: one.current_chars }) : say('tpl.prompt', { from: one.current_chars, to: one.new_chars })}</dd>
            </div>
          )
        })}
      </dl>
    </div>
  )
}
