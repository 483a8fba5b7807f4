// The mention menu, above the composer so that "To" stays visible.
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import type { Candidate } from './mention'
import { isBroadcast, type Person } from './recipients'

function Title({ candidate }: { candidate: Candidate }) {
  const match = new Set(candidate.match)
  return <>{Array.from(candidate.title, (letter, at) => (match.has(at) ? <mark key={at}>{letter}</mark> : letter))}</>
}

interface Props {
  found: Candidate[]
  at: number
  people: Person[]
  choose: (candidate: Candidate) => void
}

export function Mentions({ found, at, people, choose }: Props) {
  const name = useName()
  const n = people.filter(({ enabled }) => enabled).length
  const note = (to: string): string => {
    if (to === '@all') return say('mention.all', { n })
    if (to === '@peers') return say('mention.peers')
    if (to === '@foreman') return say('mention.foreman')
    return name(to) === to ? '' : to
  }
  return (
    <ul className="menu mention" role="listbox" id="mentions" aria-label={say('mention.label')}>
      {found.map((candidate, index) => (
        <li
          key={candidate.to} id={`mention-${index}`} className="mi" role="option" aria-selected={index === at}
          onPointerDown={(event) => { event.preventDefault(); choose(candidate) }}
        >
          {isBroadcast(candidate.to) ? <Icon name="at" /> : <Chip id={candidate.to} size="s18" />}
          <span className="clip"><Title candidate={candidate} /></span>
          <span className="f12 m3 clip">{note(candidate.to)}</span>
        </li>
      ))}
    </ul>
  )
}
