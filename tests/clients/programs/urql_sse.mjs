// urql alone: its fetchExchange speaks server-sent events as well, and asks for them last in each ordinary query. It does
// not come back by itself, so whoever subscribes does: after a cut and after an end, with the last cursor.
import { Client, fetchExchange } from 'urql'
import { onEnd, pipe, subscribe } from 'wonka'
import { ALERTS, DECLARE, QUERY, aMoment, authorization, ended, heard, say, told } from './said.mjs'

const types = new Set()
const client = new Client({
  url: told.url,
  fetch: async (...request) => {
    const response = await fetch(...request)
    types.add(response.headers.get('content-type'))
    return response
  },
  fetchOptions: { headers: { authorization } },
  preferGetMethod: told.get ?? false,
  fetchSubscriptions: true,
  exchanges: [fetchExchange],
})

say('query', (await client.query(QUERY, {}).toPromise()).data)
say('mutation', (await client.mutation(DECLARE, { input: told.input }).toPromise()).data)
say('types', [...types])

let over = false
let after = told.after
let subscription
const listen = () => {
  subscription = pipe(
    client.subscription(ALERTS, { after }),
    onEnd(async () => {
      await aMoment()
      if (!over) listen()
    }),
    subscribe(({ data, error, hasNext }) => {
      // At the end of a stream urql says its last answer once more.
      if (error || !hasNext) return
      after = data.alerts.cursor
      heard(data.alerts)
    }),
  )
}
listen()
await ended
over = true
subscription.unsubscribe()
