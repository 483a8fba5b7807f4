// What is left of the chat where the dock has the whole width: its newest message, and the way back.
import { show } from '../app/route'
import { useChat } from '../chat/store'
import { Chip, useName } from '../parts/Chip'
import { Icon } from '../parts/Icon'
import { isMessage } from '../wire/events'
import { say } from '../words'
import { list, timeOf } from '../words/time'

export function Peek() {
  const last = useChat((state) => state.events.findLast(isMessage))
  const fresh = useChat((state) => (state.read === null ? 0 : state.events.filter((event) => isMessage(event) && event.by !== 'user' && event.seq > (state.read?.seq ?? 0)).length))
  const name = useName()
  const back = (): void => { show({ width: 'usual' }) }
  return (
    <div className="peek">
      {last
        ? (
          <>
            <Chip id={last.by} size="s18" />
            <span className="b6 clip">{name(last.by)}</span>
            {last.data.to.length > 0 && <span className="m3 clip hide-p">{say('dock.peek.to', { who: list(last.data.to.map(name)) })}</span>}
            <span className="grow clip" dir="auto">{last.data.text.replace(/\s+/g, ' ')}</span>
            <time className="m3" dateTime={last.ts}>{timeOf(last.ts)}</time>
          </>
          )
        : <span className="grow m3 clip">{say('dock.peek.none')}</span>}
      <button type="button" className="btn sm" onClick={back}><Icon name="chat" size="s14" />{fresh > 0 ? say('dock.peek.new', { n: fresh }) : say('dock.peek.chat')}</button>
    </div>
  )
}
