// discord-interactions with @supabase/supabase-js: answer the event on standard input.
const { readFileSync } = require("node:fs");
const { createClient } = require("@supabase/supabase-js");
const { InteractionResponseType, verifyKey } = require("discord-interactions");

const { DISCORD_PUBLIC_KEY, SUPABASE_REST_URL, SUPABASE_SECRET_KEY, SUPABASE_URL } = process.env;
const database = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY);
database.rest.url = SUPABASE_REST_URL; // a bare PostgREST has no /rest/v1

async function handler(event) {
  const { headers, body } = event;
  const signature = headers["x-signature-ed25519"];
  if (!(await verifyKey(body, signature, headers["x-signature-timestamp"], DISCORD_PUBLIC_KEY))) {
    return { statusCode: 401 };
  }
  const { data, error } = await database.rpc("claim_drop", claim(JSON.parse(body)));
  if (error || data.outcome !== "claimed") throw new Error(JSON.stringify(error ?? data));
  const content = `You got **${data.amount} RSNC**! Your total is now **${data.balance} RSNC**.`;
  const reply = { type: InteractionResponseType.CHANNEL_MESSAGE_WITH_SOURCE, data: { content, flags: 64 } };
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(reply) };
}

function claim(interaction) {
  const { member } = interaction;
  const p_caller = {
    interaction_id: interaction.id,
    server_id: interaction.guild_id,
    channel_id: interaction.channel_id,
    user_id: member.user.id,
    role_ids: member.roles,
    manages_server: false,
    required_level: null,
  };
  return { p_caller, p_drop_id: interaction.data.custom_id.split(":")[1], p_message_id: interaction.message.id };
}

handler(JSON.parse(readFileSync(0, "utf8"))).then((response) => {
  console.log(JSON.stringify(response));
  console.log(Object.keys(require.cache).length); // modules
  process.exit();
});
