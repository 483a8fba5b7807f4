// The token of a headless actor: made here, shown once, and only its hash is stored.
import { useState } from 'react'
import { useConnection } from '../connection/store'
import { cannotAct } from '../settings/parts/may'
import { Ask } from '../settings/parts/Ask'
import { CopyButton } from '../settings/parts/Copy'
import { PlainRow } from '../settings/parts/Row'
import { useActs } from '../settings/parts/use-act'
import type { ActorView } from '../wire/contract'
import { say } from '../words'
import { newToken } from './store'

export function Token({ actor, group_id }: { actor: ActorView; group_id: string }) {
  const away = useConnection(cannotAct)
  const { busy, failed, act } = useActs()
  const [token, setToken] = useState<string | null>(null)
  // What the actor needs in its environment to speak for itself.
  const environment = `CCCC_GROUP_ID=${group_id}\nCCCC_ACTOR_ID=${actor.id}\nCCCC_ACTOR_TOKEN=${token ?? ''}\n`
  // Before the change of the runner is saved there is nobody who could have a token.
  const off = away || busy !== null || actor.runner !== 'headless'
  return (
    <PlainRow
      name={say('actors.token')} help={say('actors.token.help')} error={failed && say('actor.error', { reason: failed.reason })}
      below={token !== null && (
        <div className="note good setmore" role="status">
          <div className="part grow">
            <p>{say('actors.token.once')}</p>
            <pre className="cmd" dir="ltr">{environment}</pre>
            <CopyButton text={environment} name={say('settings.copy')} />
          </div>
        </div>
      )}
    >
      {() => <Ask disabled={off} question={say('actors.token.ask')} yes={say('actors.token.make')} act={() => { act('token', async () => { setToken(await newToken(group_id, actor.id)) }) }}>{say('actors.token.make')}</Ask>}
    </PlainRow>
  )
}
