// Whom a task can be given to.
import { useMemo } from 'react'
import { useActors } from '../rail/actors'
import { YOU } from '../wire/server'

/** The actors, you, and whoever has a task though they left. */
export function usePeople(others: (string | null)[]): string[] {
  const actors = useActors((state) => state.actors)
  const key = [...new Set(others.filter((one) => one !== null))].sort().join('\n')
  return useMemo(
    () => [...new Set([...(actors ?? []).map(({ id }) => id), YOU, ...key.split('\n').filter(Boolean)])],
    [actors, key],
  )
}
