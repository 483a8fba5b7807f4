// A new group out of a template, for a folder that has none.
import { useState } from 'react'
import { go } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { FolderField } from '../groups/FolderField'
import { Body } from '../settings/parts/Body'
import { useActs } from '../settings/parts/use-act'
import { say } from '../words'
import { createFromTemplate } from './store'
import { TemplateField } from './TemplateField'
import './templates.css'

export function FromTemplate() {
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [text, setText] = useState('')
  const [path, setPath] = useState('')
  const [title, setTitle] = useState('')
  const ready = !away && busy === null && text.trim() !== '' && path.trim() !== ''
  const make = (): void => {
    act('make', async () => { go({ at: 'settings', group_id: await createFromTemplate(path.trim(), text, title.trim()), page: 'general', item: null }) })
  }
  const side = (
    <section className="sidesec">
      <h2>{say('tpl.side')}</h2>
      <p className="help">{say('tpl.side.help')}</p>
    </section>
  )
  return (
    <Body title={say('settings.page.from_template')} lead={say('tpl.new.lead')} side={side}>
      <section><h2>{say('tpl.new.text')}</h2><TemplateField text={text} set={setText} disabled={busy !== null} /></section>
      <section><h2>{say('first.folder')}</h2><FolderField path={path} set={setPath} name={say('groups.folder.path')} disabled={busy !== null} /><p className="help acts">{say('tpl.new.folder')}</p></section>
      <section>
        <div className="field">
          <label htmlFor="tpltitle">{say('groups.title')}</label>
          <input id="tpltitle" className="in" dir="auto" autoComplete="off" value={title} disabled={busy !== null} onChange={(event) => { setTitle(event.target.value) }} />
          <span className="help">{say('tpl.new.title')}</span>
        </div>
        {failed && <p className="err acts" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
        <div className="row acts"><button type="button" className="btn solid lg" disabled={!ready} onClick={make}>{say(busy ? 'first.busy.attach' : 'first.go.empty')}</button></div>
      </section>
    </Body>
  )
}
