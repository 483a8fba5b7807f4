// Who changed a part last, and how long ago.
import { useNow } from '../connection/clock'
import { useName } from '../parts/Chip'
import { YOU } from '../wire/server'
import { say } from '../words'
import { age, exact } from '../words/time'
import type { Touch } from './history'

const STEP_MS = 30_000

export function Age({ touch }: { touch: Touch }) {
  const name = useName()
  const now = useNow(STEP_MS)
  return <time className="m3" dateTime={touch.ts} title={exact(touch.ts)}>{say('ctx.by', { who: touch.by === YOU ? say('you.to') : name(touch.by), age: age(now - Date.parse(touch.ts)) })}</time>
}
