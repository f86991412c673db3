/**
 * What the bodies of reports have in common: the names of their fields in the order in which they mostly come, and what is often said.
 * Stored bodies refer to places in it (ledger/packedBytes.ts): it is only ever added to at its end, together with a migration, so that
 * an Aftercall that knows less of it refuses the ledger.
 */
const WORDS = [
  // The end of a leg, as a PBX sends it: an object written as a text, or as it is.
  String.raw`{"sn":"","type":30012,"msg":"{\"call_id\":\"\",\"time_start\":\"20`,
  String.raw`\",\"call_from\":\"\",\"call_to\":\"\",\"call_duration\":0,\"talk_duration\":0,\"src_trunk_name\":\"\",\"dst_trunk_name\":\"`,
  String.raw`\",\"pin_code\":\"\",\"status\":\"ANSWERED\",\"type\":\"Inbound\",\"recording\":\"\",\"did_number\":\"\",\"did_name\":\"`,
  String.raw`\",\"agent_ring_time\":0,\"uid\":\"20\",\"call_note_id\":\"20\",\"enb_call_note\":4,\"is_display\":1,\"realclidnum\":\"\"}"}`,
  String.raw`\"NO ANSWER\",\"type\":\"Outbound\",\"recording\":\"BUSY\",\"type\":\"Internal\",\"recording\":\"FAILED\",\"VOICEMAIL\",\".wav\",\"`,
  '{"type":30012,"sn":"","msg":{"call_id":"","time_start":"20","call_from":"","call_to":"","call_duration":0,"talk_duration":0,',
  '"src_trunk_name":"","dst_trunk_name":"","pin_code":"","status":"ANSWERED","type":"Inbound","recording":"","did_number":"",',
  '"did_name":"","agent_ring_time":0,"uid":"20","call_note_id":"20","enb_call_note":4,"is_display":1,"realclidnum":""}}',
  '"NO ANSWER","type":"Outbound","recording":"BUSY","type":"Internal","recording":"FAILED","VOICEMAIL",".wav","',
  // What an application registers and finishes, as JSON and as a form.
  '{"USER_PHONE_INNER":"","PHONE_NUMBER":"+","TYPE":1,"LINE_NUMBER":"","EXTERNAL_CALL_ID":"","CALL_START_DATE":"20',
  '","CRM_CREATE":0,"CRM_CREATE":1,"SHOW":0,"SHOW":1,"USER_ID":"","CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":"',
  '{"CALL_ID":"externalCall.","USER_PHONE_INNER":"","DURATION":0,"STATUS_CODE":"200","ADD_TO_CHAT":0}',
  '{"CALL_ID":"externalCall.","USER_ID":"","DURATION":0,"COST":0.0,"COST_CURRENCY":"EUR","STATUS_CODE":"304","FAILED_REASON":"',
  '","RECORD_URL":"https://","VOTE":5,"ADD_TO_CHAT":1}',
  'CALL_ID=externalCall.&USER_PHONE_INNER=&DURATION=0&COST=0.0&COST_CURRENCY=EUR&STATUS_CODE=200&ADD_TO_CHAT=0',
  '&RECORD_URL=https%3A%2F%2F&FAILED_REASON=&VOTE=5&USER_ID=&PHONE_NUMBER=%2B&TYPE=1&LINE_NUMBER=&EXTERNAL_CALL_ID=&CALL_START_DATE=20',
  // A call as a program states it.
  '{"externalId":"","direction":"inbound","from":"+","to":"","startedAt":"20","endedAt":"20","answeredAt":"20',
  '","durationSeconds":0,"talkSeconds":0,"ringSeconds":0,"outcome":"answered","user":"","extension":"","line":"","queue":"',
  '","queueWaitSeconds":0,"disposition":"","cost":{"amount":"0.0","currency":"EUR"},"note":"","recording":"","vote":5,"links":["https://',
  '"direction":"outbound","outcome":"missed","abandoned","source":"',
];

export const RAW_WORDS: Uint8Array = new TextEncoder().encode(WORDS.join(''));
