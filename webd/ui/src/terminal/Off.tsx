// An actor that does not run: says so, with its last lines and the way to start it.
import { useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { does, useActors } from '../rail/actors'
import { actorState } from '../rail/state'
import type { ActorView } from '../wire/contract'
import { say } from '../words'

export function Off({ actor, name, group_id }: { actor: ActorView; name: string; group_id: string }) {
  const doing = useActors((state) => state.doing[actor.id])
  const refused = useActors((state) => state.refused[actor.id])
  const live = useConnection((state) => state.phase === 'live')
  const lines = actor.last_lines ?? []
  return (
    <div className="xoff scroll">
      <div className="void">
        <h2>{say('term.stopped', { name })}</h2>
        {actor.last_exit && <p className="tb">{actorState(actor).word}</p>}
        <p className="m2">{say('term.stopped.help')}</p>
        <button type="button" className="btn solid" disabled={!live || doing !== undefined} onClick={() => void does('start', group_id, actor.id)}>
          <Icon name="play" />{say(doing ? 'actor.starting.busy' : 'term.start', { name })}
        </button>
        {refused !== undefined && <p className="err" role="alert">{say('actor.error', { reason: refused })}</p>}
        {lines.length > 0 && <pre className="cblock" dir="auto" aria-label={say('actor.lastlines')}>{lines.join('\n')}</pre>}
      </div>
    </div>
  )
}
