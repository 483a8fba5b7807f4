// One row of what waits: who, since when, what is asked, what hangs on it, and what can be done.
import { whatEnds, whyHeld } from '../chat/held'
import { Chip, nameOf } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { Kbd } from '../parts/Kbd'
import { useNow, AGE_STEP_MS } from '../connection/clock'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age, exact } from '../words/time'
import { VERBS, verbsOf, type Verb } from './acts'
import type { WaitingRow } from './rows'
import type { GroupWaits } from './store'

interface Props {
  row: WaitingRow
  waits: GroupWaits
  chosen: boolean
  choose: () => void
  act: (verb: Verb) => void
}

const iconOf = (row: WaitingRow): { name: string; tone: string } => {
  if (row.head === 'you') return { name: row.what === 'reply' ? 'st-answered' : 'bell', tone: 'tw' }
  if (row.head === 'stuck' && row.what === 'asks') return { name: 's-asks', tone: 'tw' }
  if (row.head === 'stuck' && row.what === 'paused') return { name: 's-paused', tone: 'tw' }
  const { reached } = row.receipt
  return { name: `st-${reached}`, tone: reached === 'failed' ? 'tb' : reached === 'held' || reached === 'uncertain' ? 'tw' : 'm3' }
}

export function Row({ row, waits, chosen, choose, act }: Props) {
  const now = useNow(AGE_STEP_MS)
  const name = (id: string): string => nameOf(id, waits.actors)
  const icon = iconOf(row)
  const who = row.head === 'you' ? row.event.by : 'actor_id' in row ? row.actor_id : null
  const title = who === null ? waits.group.title : name(who)
  const told = (): { text: string; foot: string; tone: string } => {
    if (row.head === 'you') return { text: row.event.data.text, foot: '', tone: '' }
    if (row.head === 'stuck' && row.what === 'asks') return { text: say('wait.asks.text'), foot: '', tone: '' }
    if (row.head === 'stuck' && row.what === 'paused') return { text: say('wait.paused.text', { n: row.held, m: row.actors }), foot: '', tone: '' }
    const { reached, reason, actor_id } = row.receipt
    const foot = reached === 'held' && reason !== ''
      ? `${say('say.held', { reason: whyHeld(reason, name(actor_id)) })} ${whatEnds(reason, name(actor_id))}`
      : reached === 'uncertain' ? say('say.uncertain') : reached === 'failed' ? say('say.failed', { reason }) : say('wait.stage', { stage: say(`st.${reached}`) })
    const more = row.head === 'stuck' && row.count > 1 ? ` ${say('wait.more', { n: row.count - 1 })}` : ''
    return { text: row.event.data.text, foot: foot + more, tone: icon.tone === 'm3' ? '' : icon.tone }
  }
  const { text, foot, tone } = told()
  return (
    <div
      className={`wrow ${chosen ? 'sel' : ''}`} role="listitem" tabIndex={chosen ? 0 : -1} data-key={row.key} aria-current={chosen || undefined}
      onClick={(event) => { if (!(event.target as Element).closest('button')) choose() }}
      onKeyDown={(event) => { if (event.key === 'Enter' && event.target === event.currentTarget) { event.preventDefault(); choose() } }}
      onFocus={(event) => { if (event.target === event.currentTarget && !chosen) choose() }}
    >
      <span className={icon.tone}><Icon name={icon.name} /></span>
      {who === null ? <span className="ac sys"><Icon name="folder" /></span> : <Chip id={who} actors={waits.actors} />}
      <div className="hd">
        <b dir="auto">{title}</b>
        {row.head === 'owes' && <span>{row.event.by === YOU ? say('wait.owes.you') : say('wait.owes.other', { name: name(row.event.by) })}</span>}
        {row.head === 'stuck' && row.what === 'asks' && <span>{say('wait.asks')}</span>}
        {row.head === 'stuck' && row.what === 'paused' ? <span>· {say('wait.paused')}</span> : <span className="clip">{waits.group.title}</span>}
        {row.since !== '' && <time dateTime={row.since} title={exact(row.since)}>· {age(now - Date.parse(row.since))}</time>}
        {row.head === 'you' && <span className="tag warn">{say(row.what === 'reply' ? 'chat.reply' : 'chat.attention')}</span>}
      </div>
      <div className="acts">
        {verbsOf(row).map((verb) => (
          <button key={verb} type="button" className="btn sm" title={verb === 'deliver' ? say('wait.deliver.twice') : undefined} onClick={() => { choose(); act(verb) }}>
            {say(VERBS[verb].word)}<Kbd of={VERBS[verb].letter} />
          </button>
        ))}
      </div>
      <div className="tx" dir="auto">{text}</div>
      {foot !== '' && <div className={`ft ${tone}`}>{foot}</div>}
    </div>
  )
}
