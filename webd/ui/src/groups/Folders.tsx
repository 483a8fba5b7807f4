// The folders of a group: attach one, detach one, choose the one in which agents work that name none.
import { useState } from 'react'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { Ask } from '../settings/parts/Ask'
import { Body, Nothing } from '../settings/parts/Body'
import { useActs } from '../settings/parts/use-act'
import type { SettingsProps } from '../settings/pages'
import type { Scope } from '../wire/contract'
import { say } from '../words'
import { list } from '../words/time'
import { FolderField } from './FolderField'
import { attachFolder, detachFolder, openGroup, activate } from './store'
import { useOpened } from './use-opened'
import './groups.css'

function Attach({ group_id, away }: { group_id: string; away: boolean }) {
  const [path, setPath] = useState('')
  const { busy, failed, act } = useActs()
  const attach = (): void => {
    act('attach', async () => {
      await attachFolder(group_id, path.trim())
      setPath('')
    })
  }
  return (
    <section>
      <h2>{say('groups.attach')}</h2>
      <div className="part">
        <FolderField path={path} set={setPath} name={say('groups.folder.path')} disabled={busy !== null} />
        <div className="row wrap">
          <button type="button" className="btn" disabled={away || busy !== null || path.trim() === ''} onClick={attach}><Icon name="plus" size="s14" />{say(busy ? 'groups.attaching' : 'groups.attach.go')}</button>
        </div>
        <p className="help">{say('groups.attach.help')}</p>
        {failed && <p className="err" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
      </div>
    </section>
  )
}

function Pages({ group_id }: { group_id: string }) {
  const { group, error } = useOpened(group_id)
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const workers = (key: string): string[] => (group?.actors ?? []).filter((actor) => actor.default_scope_key === key).map((actor) => actor.title || actor.id)
  const row = (scope: Scope) => {
    const active = scope.scope_key === group?.active_scope_key
    const here = workers(scope.scope_key)
    const about = [
      ...(active ? [say('groups.folder.active.help')] : []),
      ...(here.length > 0 ? [say('groups.folder.workers', { names: list(here) })] : []),
      ...(scope.git_remote ? [scope.git_remote] : []),
    ]
    return (
      <li key={scope.scope_key} className="lrow tall">
        <Icon name="folder" />
        <div className="grow">
          <div className="row wrap"><span className="b5 mono brk" dir="ltr">{scope.url}</span>{active && <span className="tag good">{say('groups.folder.active')}</span>}</div>
          {about.map((line) => <div key={line} className="help">{line}</div>)}
          {failed?.what === scope.scope_key && <p className="err" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
        </div>
        {!active && <button type="button" className="btn sm" disabled={away || busy !== null} onClick={() => { act(scope.scope_key, () => activate(group_id, scope)) }}>{say('groups.folder.use')}</button>}
        <Ask
          className="btn sm" disabled={away || busy !== null} question={say('groups.folder.ask')} yes={say('groups.folder.detach')}
          aria-label={say('groups.folder.detach.which', { path: scope.url })} act={() => { act(scope.scope_key, () => detachFolder(group_id, scope.scope_key)) }}
        >
          {say(busy === scope.scope_key ? 'groups.busy' : 'groups.folder.detach')}
        </Ask>
      </li>
    )
  }
  const side = (
    <section className="sidesec">
      <h2>{say('groups.folders.side')}</h2>
      <p className="help">{say('groups.folders.side.help')}</p>
    </section>
  )
  return (
    <Body title={say('settings.page.folders')} lead={say('groups.folders.lead')} side={side}>
      {group === null && <Nothing what={say('groups.loading')} error={error && say('groups.error', { reason: error })} again={() => { openGroup(group_id)() }} />}
      {group !== null && (
        <section>
          <h2>{say('groups.folders.here')}</h2>
          {group.scopes.length === 0 ? <p className="note">{say('groups.folders.none')}</p> : <ul className="card">{group.scopes.map(row)}</ul>}
        </section>
      )}
      {group !== null && <Attach group_id={group_id} away={away} />}
    </Body>
  )
}

export function Folders({ group_id }: SettingsProps) {
  return group_id === null ? null : <Pages group_id={group_id} />
}
