// urql: queries and mutations by its fetchExchange, subscriptions over graphql-ws.
import { createClient } from 'graphql-ws'
import { Client, fetchExchange, subscriptionExchange } from 'urql'
import { ALERTS, DECLARE, QUERY, aMoment, authorization, ended, heard, say, told } from './said.mjs'
import { resuming } from './resuming.mjs'

const socket = createClient({
  url: told.url.replace('http', 'ws'),
  connectionParams: { authorization },
  retryAttempts: 50,
  retryWait: aMoment,
  // Without it a cut that the socket calls an error, and not a close, is final.
  shouldRetry: () => true,
  on: { closed: ({ code }) => say('closed', code) },
})
const resumed = resuming(socket)
const client = new Client({
  url: told.url,
  fetchOptions: { headers: { authorization } },
  preferGetMethod: false,
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: resumed.subscribe({ ...request, query: request.query ?? '' }, sink) }),
      }),
    }),
  ],
})

say('query', (await client.query(QUERY, {}).toPromise()).data)
say('mutation', (await client.mutation(DECLARE, { input: told.input }).toPromise()).data)
const { unsubscribe } = client
  .subscription(ALERTS, { after: told.after })
  .subscribe(({ data, error }) => (error ? say('error', String(error)) : heard(data.alerts)))
await ended
unsubscribe()
await socket.dispose()
