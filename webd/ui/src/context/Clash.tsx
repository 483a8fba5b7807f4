// A field that somebody else has changed meanwhile: their value, and the choice between both.
import { say } from '../words'

interface Props {
  name: string
  theirs: string
  keep: () => void
  take: () => void
}

export function Clash({ name, theirs, keep, take }: Props) {
  return (
    <div className="note warn clash" role="alert">
      <div className="grow">
        <p>{say('ctx.clash', { field: name })}</p>
        <p className="theirs" dir="auto">{theirs === '' ? say('ctx.clash.empty') : theirs}</p>
        <div className="row wrap">
          <button type="button" className="btn sm" onClick={keep}>{say('ctx.clash.mine')}</button>
          <button type="button" className="btn sm" onClick={take}>{say('ctx.clash.theirs')}</button>
        </div>
      </div>
    </div>
  )
}
