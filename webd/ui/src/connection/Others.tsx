// Who else looks at the group: small and quiet, and nothing when nobody does.
import { Icon } from '../parts/Icon'
import { say, type Key } from '../words'
import { list } from '../words/time'
import { useConnection } from './store'
import './connection.css'

const NAMES: Record<string, Key> = { desk: 'page.desk', phone: 'page.phone', tablet: 'page.tablet' }

/** What a page calls itself, in the reader's language; words that nobody knows are shown as they are. */
export const pageWord = (name: string): string => {
  const known = NAMES[name]
  return known ? say(known) : name === '' ? say('page.unknown') : name
}

/** More than so many are counted. */
const NAMED_MAX = 2

export function Others({ group_id }: { group_id: string }) {
  const others = useConnection((state) => (state.phase === 'live' && state.others?.group_id === group_id ? state.others.names : null))
  if (others === null || others.length === 0) return null
  const word = others.length > NAMED_MAX ? say('conn.others', { n: others.length }) : say('conn.other', { who: list(others.map(pageWord)) })
  return (
    <span className="others hide-m" title={word}>
      <Icon name="eye" size="s14" /><span className="sr">{word}</span><span aria-hidden="true">{others.length > 1 ? others.length : pageWord(others[0] ?? '')}</span>
    </span>
  )
}
