// A new group on one page: folder, agents, first message.
import { useEffect, useState, type KeyboardEvent } from 'react'
import { isRisky } from '../actors/command'
import { go } from '../app/route'
import { Icon } from '../parts/Icon'
import { loadActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { say } from '../words'
import { list } from '../words/time'
import { begin, choose, openFolder, start, startDemo, useFirstRun } from './store'

function Folder() {
  const { listing, listing_error, path: chosen } = useFirstRun()
  const [path, setPath] = useState('')
  const open = (): void => {
    if (path.trim() !== '') void openFolder(path.trim(), true)
  }
  // The page is one form: Enter in this field opens the folder, and does not make the group.
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    open()
  }
  return (
    <div className="part">
      <h2>{say('first.folder')}</h2>
      <div className="row">
        <input className="in mono" dir="ltr" aria-label={say('first.folder.path')} placeholder={say('first.folder.path')} value={path} onChange={(event) => { setPath(event.target.value) }} onKeyDown={key} />
        <button type="button" className="btn lg" onClick={open}>{say('first.folder.go')}</button>
      </div>
      {listing_error !== null && <p className="err" role="alert">{say('first.folder.error', { reason: listing_error })}</p>}
      {listing === null && listing_error === null && <p className="help" role="status">{say('first.folder.loading')}</p>}
      {listing !== null && (
        <div className="card">
          <div className="crumb">
            {listing.parent !== null && listing.parent !== listing.path && (
              <button type="button" aria-label={say('first.folder.up')} title={say('first.folder.up')} onClick={() => void openFolder(listing.parent ?? '~')}><Icon name="left" size="s14" /></button>
            )}
            <b className="b6 clip" dir="ltr">{listing.path}</b>
          </div>
          <div className="scroll dirs">
            {listing.items.filter((item) => item.is_dir).map((item) => (
              <button key={item.path} type="button" className="lrow" onClick={() => void openFolder(item.path)}>
                <Icon name="folder" /><span className="b5 clip">{item.name}</span>
              </button>
            ))}
            {!listing.items.some((item) => item.is_dir) && <p className="help pad">{say('first.folder.none')}</p>}
          </div>
        </div>
      )}
      {chosen !== null && <p className="help" role="status">{say('first.folder.chosen', { path: chosen })}</p>}
    </div>
  )
}

function Agents({ demo }: { demo: () => void }) {
  const { runtimes, runtimes_error, chosen, added, busy, path, group_id } = useFirstRun()
  const found = runtimes?.filter((one) => one.available) ?? []
  const missing = runtimes?.filter((one) => !one.available) ?? []
  return (
    <div className="part">
      <h2 id="agents">{say('first.agents')} <span className="m3 f12">{say('first.agents.n', { n: chosen.length })}</span></h2>
      {runtimes_error !== null && <p className="err" role="alert">{say('first.agents.error', { reason: runtimes_error })}</p>}
      {runtimes === null && runtimes_error === null && <p className="help" role="status">{say('first.agents.loading')}</p>}
      {runtimes !== null && found.length === 0 && <p className="help">{say('first.agents.none')}</p>}
      {found.length > 0 && (
        <div className="card" role="group" aria-labelledby="agents">
          {found.map((one) => {
            const place = chosen.indexOf(one.name)
            const role = place < 0 ? '' : say(place === 0 ? 'first.agents.foreman' : 'first.agents.peer')
            return (
              <button key={one.name} type="button" className="opt" role="checkbox" aria-checked={place >= 0} disabled={added.includes(one.name)} onClick={() => { choose(one.name) }}>
                <span className="cb">{place >= 0 && <Icon name="st-accepted" size="s12" />}</span>
                <span className="b5">{one.display_name}</span>
                <span className="f12 m3">{role}</span>
                <span className="d">
                  {one.path && <>{say('first.agents.at', { path: one.path })} </>}
                  {place >= 0 && <span className="mono">{say('first.agents.command', { command: [one.command].flat().join(' ') })}</span>}
                </span>
              </button>
            )
          })}
        </div>
      )}
      {missing.length > 0 && <p className="help">{say('first.agents.missing', { names: list(missing.map((one) => one.display_name)) })}</p>}
      <div className="row wrap">
        <button type="button" className="btn" disabled={busy !== null || (path === null && group_id === null)} onClick={demo}><Icon name="play" />{say('first.demo')}</button>
        <span className="help">{say('first.demo.help')}</span>
      </div>
    </div>
  )
}

function Steps({ text, setText, submit, demo }: { text: string; setText: (text: string) => void; submit: (text: string) => void; demo: () => void }) {
  const { path, chosen, busy, failed, group_id, runtimes } = useFirstRun()
  const lead = runtimes?.find((one) => one.name === chosen[0])
  const ready = busy === null && (path !== null || group_id !== null)
  const speaks = chosen.length > 0
  const word = speaks ? 'first.go' : 'first.go.empty'
  const mark = (done: boolean, n: number) => <span className="no">{done ? <Icon name="st-accepted" size="s14" /> : n}</span>
  return (
    <form className="pmain" onSubmit={(event) => { event.preventDefault(); if (ready) submit(speaks ? text : '') }}>
      <ol className="steps">
        <li className={`stp ${path ? 'done' : 'now'}`}>{mark(path !== null, 1)}<Folder /></li>
        <li className={`stp ${chosen.length > 0 ? 'done' : 'now'}`}>{mark(chosen.length > 0, 2)}<Agents demo={demo} /></li>
        <li className="stp now">
          {mark(false, 3)}
          <div className="part">
            {speaks && (
              <>
                <h2>{say('first.message')}</h2>
                <div className="composer open">
                  <div className="to-line"><span className="b5 m2">{say('to')}</span><span className="pill all"><span>{lead?.display_name ?? chosen[0]}</span></span><span>{say('first.because')}</span></div>
                  <textarea className="firsttext" dir="auto" aria-label={say('first.message')} value={text} onChange={(event) => { setText(event.target.value) }} />
                </div>
              </>
            )}
            {failed !== null && <p className="err" role="alert">{failed}</p>}
            <div className="row wrap">
              <button className="btn solid lg" disabled={!ready}>{busy ?? say(word)}</button>
              {speaks && <button type="button" className="btn bare lg" disabled={!ready} onClick={() => { submit('') }}>{say('first.go.silent')}</button>}
              {failed !== null && group_id !== null && (
                <button type="button" className="btn lg" onClick={() => { go({ at: 'chat', group_id }) }}>{say('first.goto')}</button>
              )}
            </div>
          </div>
        </li>
      </ol>
    </form>
  )
}

const WILL = ['first.side.a', 'first.side.b', 'first.side.c'] as const

function Side() {
  const { path, chosen, runtimes } = useFirstRun()
  const risky = runtimes?.some((one) => chosen.includes(one.name) && isRisky([one.command].flat())) ?? false
  const commands = [
    `cccc attach ${path ?? '~'}`,
    ...chosen.map((name) => `cccc actor add ${name} --runtime ${name}`),
    ...(chosen.length > 0 ? ['cccc group start'] : []),
  ]
  return (
    <aside className="pside" aria-label={say('first.side')}>
      <section className="part">
        <h2>{say('first.side')}</h2>
        <ol className="will">{WILL.map((key, at) => <li key={key} className="row"><span className="m3">{at + 1}</span><span className="m2">{say(key)}</span></li>)}</ol>
      </section>
      {risky && <div className="note warn"><Icon name="alert" /><div><b className="b6">{say('actors.risky')}</b> {say('actors.asks.no.help')}</div></div>}
      {commands.length > 0 && <section className="part"><h2>{say('first.hand')}</h2><pre className="cmd" dir="ltr">{commands.join('\n')}</pre></section>}
    </aside>
  )
}

export function FirstRun() {
  const groups = useGroups((state) => state.groups)
  const [text, setText] = useState(() => say('first.default'))
  useEffect(begin, [])
  const enter = async (making: Promise<string | null>): Promise<void> => {
    const made = await making
    if (made === null) return
    void loadActors(made)
    go({ at: 'chat', group_id: made })
  }
  const heading = groups?.length ? say('first.title.more') : say('first.title')
  useEffect(() => { document.title = `${heading} · ${say('app.name')}` }, [heading])
  return (
    <main className="center" id="main" tabIndex={-1}>
      <header className="bar"><h1 className="gname">{heading}</h1><span className="state m3 clip">{say('first.sub')}</span></header>
      <div className="page">
        <Steps text={text} setText={setText} submit={(message) => void enter(start(message))} demo={() => void enter(startDemo())} />
        <Side />
      </div>
    </main>
  )
}
