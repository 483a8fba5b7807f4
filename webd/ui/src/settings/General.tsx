// Settings of this browser and of the home.
import { say } from '../words'
import { Body } from './parts/Body'

export function General() {
  return <Body title={say('settings.page.home')}>{null}</Body>
}
