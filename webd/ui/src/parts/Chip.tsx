// The chip of an actor: two letters that carry the identity, and a colour that helps.
import { YOU } from '../wire/server'
import { say } from '../words'
import { useActors } from '../rail/actors'

const COLOURS = 12

/** Two letters, or one ideograph. Pure. */
export function initials(name: string): string {
  const [first = '?'] = name.trim()
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(first)) return first
  const words = name.trim().split(/[\s_.-]+/).filter(Boolean)
  const [one = '?', two] = words
  return (two ? (one[0] ?? '') + (two[0] ?? '') : one.slice(0, 2)).toUpperCase()
}

/** The name of somebody as people say it. */
export function nameOf(id: string, actors: { id: string; title: string }[] | null): string {
  if (id === YOU || id === '@user') return say('you')
  if (id === '@all') return say('all')
  if (id === '@peers') return say('to.peers')
  if (id === '@foreman') return say('to.foreman')
  if (id === 'system') return say('sys.system')
  return actors?.find((actor) => actor.id === id)?.title || id
}

export const useName = (): ((id: string) => string) => {
  const actors = useActors((state) => state.actors)
  return (id) => nameOf(id, actors)
}

interface Props {
  id: string
  size?: '' | 's16' | 's18'
  /** Actors of another group than the one that is open. */
  actors?: { id: string; title: string }[]
}

export function Chip({ id, size = '', actors: others }: Props) {
  const open = useActors((state) => state.actors)
  const actors = others ?? open
  if (id === YOU) return <span className={`ac you ${size}`} aria-hidden="true">{say('you.chip')}</span>
  const place = actors?.findIndex((actor) => actor.id === id) ?? -1
  const colour = place < 0 ? '' : `a-${(place % COLOURS) + 1}`
  return <span className={`ac ${size} ${colour}`} aria-hidden="true">{initials(nameOf(id, actors))}</span>
}
