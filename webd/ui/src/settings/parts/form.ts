// Fields that wait for Save: which have changed, and which somebody else has changed meanwhile. Pure.

/** What was typed, and what stood there when it was typed: fields that nobody touched are in neither. */
export interface Edits<T extends object> {
  mine: Partial<T>
  was: Partial<T>
}

export const NO_EDITS = { mine: {}, was: {} }

export type FieldOf<T extends object> = keyof T & string

/** Whether two values of a field are the same; lists and records are compared by what is in them. */
export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const without = <T extends object>(record: Partial<T>, field: keyof T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([one]) => one !== field)) as Partial<T>

/** A field gets a value. The value that it has already is no change. */
export function edit<T extends object, F extends FieldOf<T>>(edits: Edits<T>, now: T, field: F, value: T[F]): Edits<T> {
  const was = field in edits.was ? edits.was : { ...edits.was, [field]: now[field] }
  if (same(value, now[field])) return { mine: without(edits.mine, field), was: without(edits.was, field) }
  return { mine: { ...edits.mine, [field]: value }, was }
}

/** What a field is forgotten to have been: theirs counts. */
export const drop = <T extends object>(edits: Edits<T>, field: keyof T): Edits<T> =>
  ({ mine: without(edits.mine, field), was: without(edits.was, field) })

/** Mine counts, though somebody else has changed it. */
export const keep = <T extends object, F extends FieldOf<T>>(edits: Edits<T>, now: T, field: F): Edits<T> =>
  ({ mine: edits.mine, was: { ...edits.was, [field]: now[field] } })

/** Fields whose value is not what is stored. */
export const changed = <T extends object>(edits: Edits<T>, now: T): FieldOf<T>[] =>
  (Object.keys(edits.mine) as FieldOf<T>[]).filter((field) => !same(edits.mine[field], now[field]))

/** Changed fields whose stored value is not the one that the change began with. */
export const conflicts = <T extends object>(edits: Edits<T>, now: T): FieldOf<T>[] =>
  changed(edits, now).filter((field) => !same(edits.was[field], now[field]))

/** What is to be saved. */
export const patchOf = <T extends object>(edits: Edits<T>, now: T): Partial<T> =>
  Object.fromEntries(changed(edits, now).map((field) => [field, edits.mine[field]])) as Partial<T>
