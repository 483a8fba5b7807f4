// Final acts on a group: begin anew under the same set-up, or delete it for good.
import { useEffect, useState } from 'react'
import { go } from '../app/route'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Icon } from '../parts/Icon'
import { Body, Nothing } from '../settings/parts/Body'
import { download } from '../settings/parts/download'
import { Final } from '../settings/parts/Final'
import { useActs } from '../settings/parts/use-act'
import type { SettingsProps } from '../settings/pages'
import type { Group } from '../wire/contract'
import { say } from '../words'
import { list } from '../words/time'
import { countsOf, deleteGroup, openGroup, recordOf, resetGroup, type Counts } from './store'
import { useOpened } from './use-opened'
import './groups.css'

/** The record as a file; files that were sent and secrets are not in it. */
function Export({ group }: { group: Group }) {
  const { busy, failed, act } = useActs()
  const take = (): void => {
    act('export', async () => { download(`${group.title || group.group_id}.jsonl`, await recordOf(group.group_id), 'application/jsonl') })
  }
  return (
    <div className="note">
      <Icon name="download" />
      <div className="grow">
        <b className="b6">{say('groups.export')}</b>
        <div className="help">{say('groups.export.help')}</div>
        {failed && <p className="err" role="alert">{say('groups.failed', { reason: failed.reason })}</p>}
      </div>
      <button type="button" className="btn sm" disabled={busy !== null} onClick={take}>{say(busy ? 'groups.exporting' : 'groups.export.go')}</button>
    </div>
  )
}

function useCounts(group: Group | null): Counts | null {
  const [counts, setCounts] = useState<Counts | null>(null)
  useEffect(() => {
    let mine = true
    if (group !== null) countsOf(group).then((found) => { if (mine) setCounts(found) }).catch(() => { /* The sentence is said without numbers. */ })
    return () => { mine = false }
  }, [group])
  return counts
}

function Acts({ group_id }: { group_id: string }) {
  const { group, error } = useOpened(group_id)
  const away = useConnection(cannotAct)
  const counts = useCounts(group)
  const [open, setOpen] = useState<'delete' | 'reset' | null>(null)
  const { busy, failed, act, clear } = useActs()
  if (group === null) {
    return (
      <Body title={say('settings.page.delete')}>
        <Nothing what={say('groups.loading')} error={error && say('groups.error', { reason: error })} again={() => { openGroup(group_id)() }} />
      </Body>
    )
  }
  const title = group.title || group_id
  const close = (): void => {
    clear()
    setOpen(null)
  }
  const run = (): void => {
    if (open === 'reset') act('reset', async () => { go({ at: 'chat', group_id: await resetGroup(group_id) }, 'replace') })
    else act('delete', async () => {
      await deleteGroup(group_id)
      go({ at: 'home' }, 'replace')
    })
  }
  const goes = counts === null ? say('groups.delete.goes') : say('groups.delete.counts', { ...counts })
  const stays = group.scopes.length === 0 ? say('groups.delete.stays.none') : say('groups.delete.stays', { paths: list(group.scopes.map(({ url }) => url)) })
  const side = (
    <section className="sidesec">
      <h2>{say('groups.delete.side')}</h2>
      <p className="help">{goes}</p>
      <p className="help brk">{stays}</p>
    </section>
  )
  return (
    <Body title={say('settings.page.delete')} lead={say('groups.delete.lead')} side={side}>
      <Export group={group} />
      <section>
        <h2>{say('groups.reset')}</h2>
        <p className="m2">{say('groups.reset.help')}</p>
        <div className="row acts"><button type="button" className="btn bad" disabled={away} onClick={() => { setOpen('reset') }}>{say('groups.reset.open', { group: title })}</button></div>
      </section>
      <section>
        <h2>{say('groups.delete')}</h2>
        <p className="m2">{say('groups.delete.help')}</p>
        <div className="row acts"><button type="button" className="btn bad" disabled={away} onClick={() => { setOpen('delete') }}><Icon name="trash" size="s14" />{say('groups.delete.open', { group: title })}</button></div>
      </section>
      {open !== null && (
        <Final
          title={say(`groups.${open}.ask`, { group: title })} word={title} keep={say('groups.keep')} go={say(`groups.${open}.go`)}
          busy={busy && say(open === 'reset' ? 'groups.reset.busy' : 'final.busy')} error={failed && say('groups.failed', { reason: failed.reason })} act={run} close={close}
        >
          <p>{goes}</p>
          <p className="brk">{open === 'reset' ? say('groups.reset.stays') : stays}</p>
          <p>{say('groups.delete.noundo')}</p>
          <Export group={group} />
        </Final>
      )}
    </Body>
  )
}

export function Delete({ group_id }: SettingsProps) {
  return group_id === null ? null : <Acts group_id={group_id} />
}
