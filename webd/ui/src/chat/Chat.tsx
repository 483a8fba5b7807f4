// The chat of a group: its bar, its messages, and the composer.
import { useEffect } from 'react'
import { toggleDock } from '../app/dock'
import { go, hrefOf, pathOf, useRoute, type Place } from '../app/route'
import { Composer } from '../composer/Composer'
import { Drop } from '../composer/Files'
import { openDraft, write } from '../composer/store'
import { Others } from '../connection/Others'
import { useConnection } from '../connection/store'
import { IconButton } from '../parts/Button'
import { Icon } from '../parts/Icon'
import { Offer } from '../push/Offer'
import { openActors, loadActors, useActors } from '../rail/actors'
import { useGroups } from '../rail/groups'
import { groupState } from '../rail/state'
import { showSearch } from '../search/store'
import { follow } from '../settings/follow'
import { say } from '../words'
import { useOwed } from '../waiting/store'
import { timeOf } from '../words/time'
import { Announcer } from './Announcer'
import { Log } from './Log'
import { useOutbox } from './outbox'
import { openChat, unseen, useChat } from './store'

/** What is seen of a terminal has no event of its own: it is asked for this often while somebody looks. */
const ACTORS_MS = 10_000

function Bar({ group_id, openRail }: { group_id: string; openRail: () => void }) {
  const { groups } = useGroups()
  const { phase, heard_at } = useConnection()
  const group = groups?.find((one) => one.group_id === group_id)
  const shown = group && groupState(group)
  const stale = phase !== 'live'
  const dock = useRoute(({ view }) => view.dock !== null)
  const settings: Place = { at: 'settings', group_id, page: 'general', item: null }
  return (
    <header className="bar">
      <h1 className="gname"><span dir="auto" className="clip">{group?.title ?? group_id}</span></h1>
      <button type="button" className="ib sm only-p" aria-label={say('rail.open')} title={say('rail.open')} onClick={openRail}><Icon name="down" size="s14" /></button>
      {shown && (stale
        ? <span className="state"><Icon name="s-unknown" size="s12" />{say('group.was', { state: shown.word, time: timeOf(heard_at, true) })}</span>
        : <span className="state"><span className={`gs ${shown.tone}`}><Icon name={shown.glyph} size="s12" /></span>{shown.word}</span>)}
      {group?.path && <span className="state m3 clip hide-m"><Icon name="folder" size="s14" /><span className="clip">{group.path}</span></span>}
      <span className="grow" />
      <Others group_id={group_id} />
      <IconButton icon="search" small name={say('keys.search')} onClick={() => { showSearch('', false) }} />
      <a className="ib sm" href={hrefOf(settings)} aria-label={say('settings.open.group', { group: group?.title ?? group_id })} title={say('settings.open.group', { group: group?.title ?? group_id })} onClick={(event) => { follow(event, settings) }}><Icon name="settings" /></a>
      <IconButton icon="dock" small className="hide-p" name={say('chat.dock')} aria-pressed={dock} onClick={toggleDock} />
    </header>
  )
}

const STARTS = ['chat.empty.a', 'chat.empty.b', 'chat.empty.c'] as const

function Empty({ group_id }: { group_id: string }) {
  const actors = useActors((state) => state.actors)
  if (actors?.length === 0) {
    const add: Place = { at: 'add', group_id }
    return (
      <div className="void">
        <h2>{say('chat.nobody')}</h2>
        <a className="btn solid" href={pathOf(add)} onClick={(event) => { event.preventDefault(); go(add) }}>{say('chat.nobody.add')}</a>
      </div>
    )
  }
  return (
    <div className="void">
      <h2>{say('chat.empty')}</h2>
      <p className="m2">{say('chat.empty.help')}</p>
      {STARTS.map((key) => (
        <button
          key={key} type="button" className="btn"
          onClick={() => { write({ text: say(key) }); document.getElementById('message')?.focus() }}
        >
          {say(key)}
        </button>
      ))}
    </div>
  )
}

export function Chat({ group_id, openRail }: { group_id: string; openRail: () => void }) {
  const chat = useChat()
  const title = useGroups((state) => state.groups?.find((one) => one.group_id === group_id)?.title ?? group_id)
  const waiting = useOutbox((state) => state.unsent.some((one) => one.group_id === group_id))
  const groups = useGroups((state) => state.groups)
  const owed = useOwed()

  useEffect(() => {
    unseen()
    openActors(group_id)
    openDraft(group_id)
    void openChat(group_id)
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && useConnection.getState().phase === 'live') void loadActors(group_id)
    }, ACTORS_MS)
    return () => { clearInterval(timer) }
  }, [group_id])
  useEffect(() => { document.title = `${title} · ${say('app.name')}` }, [title])

  const gone = groups !== null && !groups.some((one) => one.group_id === group_id)
  const asked = chat.group_id === group_id && chat.head_seq !== null
  const spoken = chat.events.some(({ kind }) => kind === 'chat.message') || waiting
  return (
    <main className="center" id="main" tabIndex={-1}>
      <Bar group_id={group_id} openRail={openRail} />
      <Drop of={group_id}>
      {gone && <div className="void"><p className="m2">{say('group.missing', { group: group_id })}</p></div>}
      {!gone && chat.error !== null && !asked && (
        <div className="void" role="alert">
          <p className="tb">{say('chat.error', { reason: chat.error })}</p>
          <button type="button" className="btn" onClick={() => void openChat(group_id)}>{say('chat.again')}</button>
        </div>
      )}
      {!gone && chat.error === null && !asked && <div className="void" role="status"><p className="m3">{say('chat.loading')}</p></div>}
      {!gone && asked && (spoken ? <Log key={group_id} group_id={group_id} title={title} /> : <Empty group_id={group_id} />)}
      <Announcer />
      {!gone && <Offer owed={owed} />}
      {!gone && <Composer group_id={group_id} />}
      </Drop>
    </main>
  )
}
