// The login card: shown alone when the server wants a token. The token is sent once; a cookie counts from then on.
import { useState, type FormEvent } from 'react'
import { tryNow, useConnection } from '../connection/store'
import { Icon } from '../parts/Icon'
import { say } from '../words'

export function Login() {
  const [token, setToken] = useState('')
  const [state, setState] = useState<'quiet' | 'busy' | 'wrong'>('quiet')
  const away = useConnection((connection) => connection.phase !== 'live')
  const host = location.host

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setState('busy')
    setState((await tryNow(token.trim())) ? 'quiet' : 'wrong')
  }
  return (
    <main className="login">
      <form className="dlg" onSubmit={(event) => void submit(event)} aria-label={say('login.title', { host })}>
        <h1 className="row"><Icon name="logo" size="s20" />{say('login.title', { host })}</h1>
        <div className="field">
          <label htmlFor="token">{say('login.token')}</label>
          <input
            id="token" className={`in ${state === 'wrong' ? 'bad' : ''}`} type="password" autoComplete="current-password" autoFocus
            value={token} aria-describedby="token-help" aria-invalid={state === 'wrong'}
            onChange={(event) => { setToken(event.target.value); if (state === 'wrong') setState('quiet') }}
          />
          {state === 'wrong' && <p className="err" role="alert">{say(away ? 'conn.away.bar' : 'login.wrong', { host })}</p>}
          <p className="help" id="token-help">{say('login.help')}</p>
        </div>
        <button className="btn solid lg" disabled={token.trim() === '' || state === 'busy'}>
          {say(state === 'busy' ? 'login.busy' : 'login.button')}
        </button>
      </form>
    </main>
  )
}
