// graphql-ws: everything over one socket.
import { createClient } from 'graphql-ws'
import { ALERTS, DECLARE, QUERY, aMoment, authorization, ended, heard, say, told } from './said.mjs'
import { resuming } from './resuming.mjs'

const client = createClient({
  url: told.url.replace('http', 'ws'),
  connectionParams: { authorization },
  retryAttempts: 50,
  retryWait: aMoment,
  // Without it a cut that the socket calls an error, and not a close, is final.
  shouldRetry: () => true,
  on: { closed: ({ code }) => say('closed', code) },
})
const once = (query, variables) =>
  new Promise((resolve, reject) => {
    let answer
    client.subscribe({ query, variables }, { next: (got) => (answer = got), error: reject, complete: () => resolve(answer) })
  })

say('query', (await once(QUERY)).data)
say('mutation', (await once(DECLARE, { input: told.input })).data)
resuming(client).subscribe(
  { query: ALERTS, variables: { after: told.after } },
  { next: ({ data }) => heard(data.alerts), error: (error) => say('error', error), complete: () => say('complete') },
)
await ended
await client.dispose()
