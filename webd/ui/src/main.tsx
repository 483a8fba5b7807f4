// Where the page begins: the token leaves the address, the connection is watched, the lists are asked for.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { followHistory, takeToken } from './app/route'
import { followSystem } from './app/theme'
import { flush } from './chat/outbox'
import { resumeChat } from './chat/store'
import { heard, onReturn, suspect, tryNow, watchConnection } from './connection/store'
import { useActors, loadActors } from './rail/actors'
import { loadGroups } from './rail/groups'
import { homeStream, type Stream } from './wire/stream'
import './styles/tokens.css'
import './styles/controls.css'
import './styles/shell.css'
import './styles/chat.css'
import './styles/pages.css'
import './styles/build.css'
import './styles/widths.css'

/** Events of the home that come together are answered by one question. */
const GATHER_MS = 300

watchConnection()
followHistory()
followSystem()

let home: Stream | null = null
let gathering: ReturnType<typeof setTimeout> | undefined

function changed(): void {
  gathering ??= setTimeout(() => {
    gathering = undefined
    void loadGroups()
    const { group_id } = useActors.getState()
    if (group_id !== null) void loadActors(group_id)
  }, GATHER_MS)
}

onReturn(() => {
  void loadGroups()
  resumeChat()
  void flush()
  if (home === null) {
    home = homeStream({
      event: () => {
        heard()
        changed()
      },
      // What happened while it was broken is not told again: the lists are asked for.
      state: (state) => {
        if (state === 'open') changed()
        else suspect()
      },
    })
  } else home.retry()
})

void tryNow(takeToken() ?? undefined)

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no #app')
createRoot(root).render(<StrictMode><App /></StrictMode>)
