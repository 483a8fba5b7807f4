// Which terminal stands where: as the address says, then as it was last, then as the actors come.

export const LAYOUTS = [1, 2, 4, 6] as const
export type Layout = (typeof LAYOUTS)[number]

export interface Places {
  layout: Layout
  /** Actors in the order of their places. */
  actors: string[]
}

const KEPT = 'cccc.terminals.'

/** The smallest layout with so many places. */
export const layoutFor = (count: number): Layout => LAYOUTS.find((layout) => layout >= count) ?? 6

/** Who is shown, in order. Whoever is gone is left out. Pure. */
export function shownOf(layout: Layout, named: string[], last: string[], actors: { id: string; runner: string }[]): string[] {
  const here = new Set(actors.map(({ id }) => id))
  // Whoever has a terminal comes before whoever has none.
  const others = [...actors].sort((a, b) => Number(a.runner === 'headless') - Number(b.runner === 'headless')).map(({ id }) => id)
  return [...new Set([...named, ...last, ...others])].filter((id) => here.has(id)).slice(0, Math.max(layout, Math.min(named.length, 6)))
}

/** The order after an actor was put in a place: whoever was there takes its old one. Pure. */
export function placed(shown: string[], at: number, actor_id: string): string[] {
  const from = shown.indexOf(actor_id)
  const next = [...shown]
  const before = next[at]
  next[at] = actor_id
  if (from >= 0 && before !== undefined) next[from] = before
  return next
}

/** What this browser knows of a group. */
export function kept(group_id: string): Places {
  try {
    const { layout, actors } = JSON.parse(localStorage.getItem(KEPT + group_id) ?? '{}') as Partial<Places>
    return {
      layout: LAYOUTS.find((one) => one === layout) ?? 2,
      actors: Array.isArray(actors) ? actors.filter((id) => typeof id === 'string') : [],
    }
  } catch {
    return { layout: 2, actors: [] }
  }
}

export function keep(group_id: string, places: Places): void {
  localStorage.setItem(KEPT + group_id, JSON.stringify(places))
}
