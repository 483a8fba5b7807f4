// The template of a group: take it along as a file, or make the group what another one says.
import { useState } from 'react'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { useGroups } from '../rail/groups'
import { Body } from '../settings/parts/Body'
import { download } from '../settings/parts/download'
import { Final } from '../settings/parts/Final'
import { useActs } from '../settings/parts/use-act'
import type { SettingsProps } from '../settings/pages'
import { say } from '../words'
import { list } from '../words/time'
import { Changes, countOf } from './Changes'
import { applyTemplate, exportTemplate, previewTemplate, type Applied, type Preview } from './store'
import { TemplateField } from './TemplateField'
import './templates.css'

function Export({ group_id }: { group_id: string }) {
  const { busy, failed, act } = useActs()
  const [text, setText] = useState<string | null>(null)
  const take = (): void => {
    act('export', async () => {
      const { template, filename } = await exportTemplate(group_id)
      setText(template)
      download(filename, template, 'text/yaml')
    })
  }
  return (
    <section>
      <h2>{say('tpl.export')}</h2>
      <p className="m2">{say('tpl.export.help')}</p>
      <div className="row acts"><button type="button" className="btn" disabled={busy !== null} onClick={take}><Icon name="download" size="s14" />{say(busy ? 'groups.exporting' : 'tpl.export.go')}</button></div>
      {failed && <p className="err" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
      {text !== null && <pre className="cmd tpltext" dir="ltr" tabIndex={0} aria-label={say('tpl.text')}>{text}</pre>}
    </section>
  )
}

function Replace({ group_id }: { group_id: string }) {
  const title = useGroups((state) => state.groups?.find((one) => one.group_id === group_id)?.title ?? group_id)
  const away = useConnection(cannotAct)
  const { busy, failed, act, clear } = useActs()
  const [text, setText] = useState('')
  /** The preview and the text that it is of. */
  const [seen, setSeen] = useState<{ of: string; preview: Preview } | null>(null)
  const [sure, setSure] = useState(false)
  const [done, setDone] = useState<Applied | null>(null)
  const current = seen !== null && seen.of === text ? seen.preview : null
  const look = (): void => {
    setDone(null)
    act('look', async () => { setSeen({ of: text, preview: await previewTemplate(group_id, text) }) })
  }
  const apply = (): void => {
    act('apply', async () => {
      setDone(await applyTemplate(group_id, text))
      setSure(false)
      setSeen(null)
      setText('')
    })
  }
  const refused = failed && say('groups.failed', { reason: failed.reason })
  return (
    <section>
      <h2>{say('tpl.replace')}</h2>
      <p className="m2 tplhelp">{say('tpl.replace.help')}</p>
      <TemplateField text={text} set={setText} disabled={busy !== null} />
      <div className="row wrap acts">
        <button type="button" className="btn" disabled={away || busy !== null || text.trim() === ''} onClick={look}><Icon name="eye" size="s14" />{say(busy === 'look' ? 'tpl.looking' : 'tpl.look')}</button>
        {current !== null && countOf(current) > 0 && <button type="button" className="btn bad" disabled={away || busy !== null} onClick={() => { clear(); setSure(true) }}>{say('tpl.apply', { group: title })}</button>}
      </div>
      {refused && !sure && <p className="err" role="alert">{refused}</p>}
      {current !== null && <div className="note tplnote"><div className="grow"><Changes preview={current} /></div></div>}
      {done !== null && (
        <p className="note good tplnote" role="status"><Icon name="st-accepted" /><span>{say('tpl.done', { added: list(done.added) || '–', updated: list(done.updated) || '–', removed: list(done.removed) || '–' })}</span></p>
      )}
      {sure && current !== null && (
        <Final title={say('tpl.apply.ask', { group: title })} word={title} keep={say('groups.keep')} go={say('tpl.apply.go')} busy={busy && say('tpl.applying')} error={refused} act={apply} close={() => { clear(); setSure(false) }}>
          <p>{say('tpl.apply.what')}</p>
          <Changes preview={current} />
        </Final>
      )}
    </section>
  )
}

export function Template({ group_id }: SettingsProps) {
  if (group_id === null) return null
  const side = (
    <section className="sidesec">
      <h2>{say('tpl.side')}</h2>
      <p className="help">{say('tpl.side.help')}</p>
    </section>
  )
  return (
    <Body title={say('settings.page.template')} lead={say('tpl.lead')} side={side}>
      <Export group_id={group_id} />
      <Replace group_id={group_id} />
    </Body>
  )
}
