// The line that says who gets it, and why. Always there, before anything is sent.
import { useCallback, useRef, useState } from 'react'
import { useConnection } from '../connection/store'
import { Chip, useName } from '../parts/Chip'
import { IconButton } from '../parts/Button'
import { Icon } from '../parts/Icon'
import { useOutside } from '../parts/use-outside'
import { say } from '../words'
import { isBroadcast, type Person, type Reason, type Recipients } from './recipients'
import { write } from './store'

/** A broadcast to more actors than this shows how many they are. */
const COUNTED_ABOVE = 3

export function reasonWords(reason: Reason, name: (id: string) => string): string {
  switch (reason.because) {
    case 'mention': return say('why.mention', { n: reason.n })
    case 'chosen': return say('why.chosen', { n: reason.n })
    case 'asked': return say('why.asked', { name: name(reason.by) })
    case 'thread': return say('why.thread', { name: name(reason.by) })
    default: return say(`why.${reason.because}`)
  }
}

function Pill({ to, people, remove }: { to: string; people: Person[]; remove: () => void }) {
  const name = useName()
  const person = people.find(({ id }) => id === to)
  const stopped = person !== undefined && !person.running
  const enabled = people.filter((one) => one.enabled).length
  const shown = to === '@all' && enabled > COUNTED_ABOVE ? say('to.all', { n: enabled }) : name(to)
  return (
    <span className={`pill ${isBroadcast(to) ? 'all' : ''} ${stopped ? 'stopped' : ''}`} title={stopped ? say('to.stopped', { name: shown }) : undefined}>
      {!isBroadcast(to) && <Chip id={to} size="s18" />}
      <span>{shown}</span>
      {stopped && <Icon name="s-stopped" size="s12" />}
      <button type="button" aria-label={say('to.remove', { name: shown })} onClick={remove}><Icon name="x" size="s12" /></button>
    </span>
  )
}

function Add({ of, people, to }: { of: string; people: Person[]; to: string[] }) {
  const [open, setOpen] = useState(false)
  const ref = useRef<HTMLSpanElement>(null)
  const close = useCallback(() => { setOpen(false) }, [])
  useOutside(ref, close, open)
  const others = people.filter(({ id }) => !to.includes(id))
  if (others.length === 0) return null
  return (
    <span className="addbox" ref={ref}>
      <button type="button" className="btn sm bare" aria-expanded={open} aria-haspopup="true" onClick={() => { setOpen(!open) }}>
        <Icon name="plus" size="s12" />{say('to.add')}
      </button>
      {open && (
        <span className="menu" role="group" aria-label={say('to.choose')}>
          {others.map((person) => (
            <button
              key={person.id} type="button" className="mi"
              onClick={() => { write({ chosen: [...to.filter((one) => !isBroadcast(one)), person.id] }, of); setOpen(false) }}
            >
              <Chip id={person.id} size="s18" /><span className="clip">{person.title || person.id}</span>
            </button>
          ))}
        </span>
      )}
    </span>
  )
}

export function ToLine({ of, people, sent, unknown }: { of: string; people: Person[]; sent: Recipients; unknown: string[] }) {
  const name = useName()
  const away = useConnection((state) => state.lost_at !== null)
  const nobody = sent.reason.because === 'nobody'
  return (
    <div className="to-line">
      <span className="b5 m2">{say('to')}</span>
      {sent.to.map((one) => (
        <Pill key={one} to={one} people={people} remove={() => { write({ chosen: sent.to.filter((other) => other !== one) }, of) }} />
      ))}
      <Add of={of} people={people} to={sent.to} />
      <span className={nobody ? 'tw' : 'hide-p'} id={`why-${of}`}>{away ? say('why.kept') : reasonWords(sent.reason, name)}</span>
      {sent.reason.because === 'chosen' || nobody
        ? <IconButton icon="undo" size="s14" small name={say('to.reset')} className="undo" onClick={() => { write({ chosen: null }, of) }} />
        : null}
      {unknown.map((one) => <span key={one} className="tw">{say('why.unknown', { name: one })}</span>)}
    </div>
  )
}
