// graphql-sse, distinct connections: each operation is a stream. It goes on by the header that EventSource sends, too.
import { createClient } from 'graphql-sse'
import { ALERTS, DECLARE, QUERY, aMoment, authorization, ended, heard, say, told } from './said.mjs'

let last
const client = createClient({
  url: told.url,
  headers: () => ({ authorization, ...(last && { 'last-event-id': last }) }),
  retryAttempts: 50,
  retry: aMoment,
})
const once = (query, variables) =>
  new Promise((resolve, reject) => {
    let answer
    client.subscribe({ query, variables }, { next: (got) => (answer = got), error: reject, complete: () => resolve(answer) })
  })

say('query', (await once(QUERY)).data)
say('mutation', (await once(DECLARE, { input: told.input })).data)
client.subscribe(
  { query: ALERTS, variables: { after: told.after } },
  {
    next({ data, errors }) {
      if (errors) return say('told', errors[0].extensions.code)
      last = data.alerts.cursor
      heard(data.alerts)
    },
    error: (error) => say('error', String(error)),
    complete: () => say('complete'),
  },
)
await ended
client.dispose()
