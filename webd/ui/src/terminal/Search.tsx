// Looking for text in the terminals: in one, or in all that are shown.
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../parts/Button'
import { say } from '../words'
import { endSearch, useTerminals } from './store'

/** The colours of hits have to be given as they are. */
function decorations() {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    matchBackground: token('mark'), matchOverviewRuler: token('warn-line'),
    activeMatchBackground: token('warn-line'), activeMatchColorOverviewRuler: token('accent'),
  }
}

export function Search({ actor_id, name = '' }: { actor_id: string | null; name?: string }) {
  const query = useTerminals((state) => state.query)
  const sessions = useTerminals((state) => state.sessions)
  const [found, setFound] = useState<Record<string, { at: number; n: number }>>({})
  const field = useRef<HTMLInputElement>(null)
  const looked = Object.entries(sessions).filter(([id]) => actor_id === null || id === actor_id)
  const key = looked.map(([id]) => id).join(',')

  useEffect(() => { field.current?.select() }, [])
  useEffect(() => {
    const ends = Object.entries(useTerminals.getState().sessions).map(([id, { search }]) =>
      search.onDidChangeResults(({ resultIndex, resultCount }) => { setFound((state) => ({ ...state, [id]: { at: resultIndex, n: resultCount } })) }))
    return () => { for (const end of ends) end.dispose() }
  }, [key])

  const look = (text: string, how: 'next' | 'before' | 'typed'): void => {
    for (const [, { search }] of looked) {
      if (text === '') search.clearDecorations()
      else if (how === 'next') search.findNext(text, { decorations: decorations() })
      else search.findPrevious(text, { incremental: how === 'typed', decorations: decorations() })
    }
  }
  const n = looked.reduce((sum, [id]) => sum + (found[id]?.n ?? 0), 0)
  const [only] = looked.length === 1 ? looked : []
  const at = only ? (found[only[0]]?.at ?? -1) + 1 : 0
  const label = actor_id === null ? say('term.search.all') : say('term.search.in', { name })
  return (
    <div
      className="xfind" role="search" aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        endSearch()
      }}
    >
      <input
        ref={field} className="in" type="search" autoFocus aria-label={label} placeholder={say('term.search.label')} value={query}
        onChange={(event) => {
          useTerminals.setState({ query: event.target.value })
          look(event.target.value, 'typed')
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          look(query, event.shiftKey ? 'next' : 'before')
        }}
      />
      <span className="m3 f12" role="status">{query === '' ? '' : n === 0 ? say('term.search.none') : say('term.search.at', { at: at > 0 ? at : '–', n })}</span>
      <IconButton icon="up" name={say('term.search.before')} small onClick={() => { look(query, 'before') }} />
      <IconButton icon="down" name={say('term.search.next')} small onClick={() => { look(query, 'next') }} />
      <IconButton icon="x" name={say('term.search.close')} small onClick={endSearch} />
    </div>
  )
}
