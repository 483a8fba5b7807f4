// What an actor would be told before its first message, asked for when somebody wants to see it.
import { useState } from 'react'
import { say } from '../words'
import { useActs } from '../settings/parts/use-act'
import { preamble } from './store'

export function Told({ group_id, actor_id }: { group_id: string; actor_id: string }) {
  const [text, setText] = useState<string | null>(null)
  const { busy, failed, act } = useActs()
  return (
    <section className="sidesec">
      <h2>{say('actors.told')}</h2>
      {text === null
        ? <button type="button" className="btn sm selfstart" disabled={busy !== null} onClick={() => { act('told', async () => { setText(await preamble(group_id, actor_id)) }) }}>{say(busy ? 'actors.told.asking' : 'actors.told.show')}</button>
        : <pre className="cmd told" dir="auto" tabIndex={0} aria-label={say('actors.told')}>{text}</pre>}
      {failed && <p className="err" role="alert">{failed.reason}</p>}
    </section>
  )
}
