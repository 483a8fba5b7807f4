// Where the page begins: the token leaves the address, the connection is watched, the lists are asked for.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { watchBadge } from './app/badge'
import { followHistory, takeToken } from './app/route'
import { followSystem } from './app/theme'
import { flush } from './chat/outbox'
import { resumeChat } from './chat/store'
import { watchSocket } from './connection/socket'
import { onReturn, tryNow, watchConnection } from './connection/store'
import { watchGlobalKeys } from './keys/global'
import { watchPush } from './push/follow'
import { useActors, loadActors } from './rail/actors'
import { loadGroups } from './rail/groups'
import { watchWaiting } from './waiting/store'
import { HOME, socket } from './wire/socket'
import { learn } from './words'
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
watchWaiting()
watchBadge()
watchGlobalKeys()
watchPush()

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
  watchSocket()
})

// What happened before it was followed is not told: the lists are asked for.
socket.follow(HOME, null, { event: changed, following: changed })

void tryNow(takeToken() ?? undefined)

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no #app')
void learn().then(() => { createRoot(root).render(<StrictMode><App /></StrictMode>) })
