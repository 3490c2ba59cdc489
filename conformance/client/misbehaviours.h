// What the small client can do wrong, one thing at a time. Each is off by default and has a mutant
// of its name (mutant.cc); docs/clients.md says which cases see it.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_MISBEHAVIOURS_H_
#define PULLPROOF_CONFORMANCE_CLIENT_MISBEHAVIOURS_H_

namespace pullproof::conformance::client {

struct Misbehaviours {
  // --- Content ---
  // Keeps content without comparing it with the digest that it was asked for by.
  bool ignores_digests = false;
  // Keeps content without comparing its length with its descriptor's size, and takes a descriptor
  // whose size is none.
  bool ignores_sizes = false;
  // Takes content for whole when it is as long as Content-Length says, and looks no further:
  // neither at size nor at digest.
  bool trusts_content_length = false;
  // Keeps what had arrived when the connection ended too early, and calls it whole.
  bool accepts_truncated = false;
  // Takes Docker-Content-Digest for the digest of the bytes: when it is the one asked for, or none
  // was, nothing is computed.
  bool trusts_content_digest = false;
  // Wants Docker-Content-Digest on every manifest.
  bool needs_content_digest = false;
  // Asks for, and keeps, what a descriptor names whether that is a digest or not.
  bool takes_any_digest = false;
  // Knows no algorithm but SHA-256.
  bool knows_sha256_only = false;
  // Uses the `data` of a descriptor as it is.
  bool trusts_embedded_data = false;
  // Says that it is done when something that it needs is not there.
  bool skips_what_is_missing = false;
  // Writes manifests in a form of its own, which changes their digest.
  bool reencodes_manifests = false;
  // Undoes no Content-Encoding, and keeps the encoded bytes in the name of the others.
  bool keeps_encoded = false;
  // Wants a Content-Length on every answer with a body.
  bool needs_content_length = false;
  // Takes the first piece of an answer that arrives for all of it.
  bool reads_first_piece = false;
  // Falls over when a digest is none.
  bool crashes_on_odd_digests = false;
  // Asks a server that says nothing again and again.
  bool waits_for_the_silent = false;
  // Reads answers as long as they last.
  bool reads_without_bound = false;
  // Takes every status of 200 and more, up to 299, for 200.
  bool takes_any_success = false;
  // Takes the body of any answer for what it asked for.
  bool ignores_status = false;
  // Takes an answer's Content-Encoding at its word: what is not so encoded is nothing.
  bool trusts_encoding = false;
  // Takes content of no bytes for an error.
  bool refuses_empty = false;
  // Fetches again what it has already.
  bool fetches_again = false;

  // --- Manifests ---
  // Does not look at what kind Content-Type and mediaType say that a document is.
  bool ignores_types = false;
  // Compares Content-Type letter by letter with the types that it knows.
  bool compares_types_literally = false;
  // Takes an unknown or absent Content-Type, or an absent mediaType, for an error.
  bool needs_all_types = false;
  // Takes layers and configs of types that it does not know for an error.
  bool refuses_unknown_types = false;
  // Takes members that it does not know for an error.
  bool refuses_unknown_members = false;
  // Takes an image without layers for an error.
  bool needs_layers = false;
  // Reads JSON as many libraries do: the last of two members wins, names match in any case, what
  // follows the document is left alone.
  bool parses_leniently = false;
  // Takes any schemaVersion.
  bool ignores_schema_version = false;
  // Asks with HEAD first, and gives up when that is refused or says no length.
  bool insists_on_head = false;
  // Takes the digest that HEAD reports for that of the answer to GET.
  bool trusts_head = false;
  // Names no types in Accept.
  bool sends_no_accept = false;
  // Sends the Accept of manifests when it asks for blobs.
  bool sends_accept_for_blobs = false;
  // Sends the `ns` parameter of mirrors to every registry.
  bool sends_namespace = false;
  // Names the types of the OCI only in Accept.
  bool accepts_oci_only = false;
  // Takes an image without a config for a whole one.
  bool takes_images_without_config = false;
  // Pings first, and wants the header with which Docker's registries introduce themselves.
  bool needs_api_version = false;
  // Visits the addresses that stand in warnings.
  bool follows_warnings = false;

  // --- Indexes ---
  // Takes the first entry, whatever its platform.
  bool takes_first_entry = false;
  // Takes the last of the entries that fit.
  bool takes_last_match = false;
  // Does not look at variants.
  bool ignores_variants = false;
  // Takes an entry without a platform for one that never fits.
  bool needs_platforms = false;
  // Takes an index within an index for an error.
  bool refuses_nesting = false;
  // Follows indexes within indexes without a bound.
  bool nests_forever = false;
  // Knows images only.
  bool refuses_indexes = false;
  // Compares variants letter by letter, where none is said too.
  bool compares_variants_literally = false;

  // --- References ---
  // Cuts references at their punctuation and checks nothing.
  bool cuts_references_blindly = false;
  // Uses the tag of a reference that has a digest too.
  bool prefers_tags = false;
  // Turns references to lower case.
  bool lowers_references = false;
  // Knows names of two words and tags of up to 32 letters, and refuses others.
  bool knows_plain_names_only = false;
  // Wants a tag or a digest in every reference.
  bool needs_tags = false;

  // --- Redirects ---
  // Sends the registry's Authorization along to whatever host a redirect or a Location names.
  bool forwards_credentials = false;
  // Sends it along as long as the host has the same name, whatever its port.
  bool compares_host_names_only = false;
  // Sends it along to hosts below the registry's own name.
  bool trusts_subdomains = false;
  // Follows redirects of one kind only: 307.
  bool follows_307_only = false;
  // Follows no redirects.
  bool follows_no_redirects = false;
  // Gives up after one redirect.
  bool follows_one_redirect = false;
  // Follows redirects without a bound.
  bool redirects_forever = false;
  // Decodes and encodes the addresses that it is redirected to.
  bool normalizes_locations = false;
  // Follows absolute Locations only.
  bool needs_absolute_locations = false;
  // Takes an answer that should lead elsewhere, and does not say where, for the content.
  bool takes_redirect_for_answer = false;
  // Knows header names in their usual spelling only.
  bool spells_header_names = false;
  // Sends where it comes from in Referer.
  bool sends_referer = false;

  // --- Authentication ---
  // Shows credentials before anybody asked.
  bool sends_credentials_unasked = false;
  // Shows the registry's credentials to whoever asks.
  bool answers_any_challenge = false;
  // Answers a challenge of any scheme with Basic.
  bool answers_with_basic = false;
  // Expects one challenge, worded in one way.
  bool reads_challenges_naively = false;
  // Looks at the first challenge only.
  bool reads_first_challenge = false;
  // Knows tokens only.
  bool knows_bearer_only = false;
  // Knows Basic only.
  bool knows_basic_only = false;
  // Takes the first token for everything.
  bool uses_one_token = false;
  // Goes on with a token that is used up.
  bool keeps_used_up_token = false;
  // Asks for a new token as often as one is refused.
  bool asks_tokens_forever = false;
  // Asks for a token again and again when the token service refuses.
  bool insists_on_token = false;
  // Shows the old token to the token service.
  bool shows_token_to_realm = false;
  // Reads the member `token` only.
  bool reads_token_only = false;
  // Uses a token that is empty or missing.
  bool uses_empty_token = false;
  // Takes what the token service sends for a token, whatever it is.
  bool takes_any_token = false;
  // Writes tokens anew: in lower case.
  bool alters_tokens = false;
  // Asks for push as well.
  bool asks_for_push = false;
  // Asks for a token without a scope.
  bool asks_without_scope = false;
  // Puts service and scope into the query as they are.
  bool encodes_nothing = false;
  // Begins the query of the token request with `?` always.
  bool ignores_realm_query = false;
  // Sends an empty `service` or `scope`.
  bool sends_empty_parameters = false;
  // Takes 403 for a challenge.
  bool authenticates_on_403 = false;
  // Believes an `expires_in` of a few seconds, and asks for a token before each request.
  bool believes_short_expiry = false;
  // Makes up a realm where the challenge has none.
  bool guesses_realm = false;

  // --- Retries ---
  // Gives up at the first refusal or broken connection.
  bool never_retries = false;
  // Asks again, and again, without an end.
  bool retries_forever = false;
  // Asks again at once, whatever Retry-After says.
  bool ignores_retry_after = false;
  // Reads Retry-After as a number of seconds; what is none is none at all, and it asks at once.
  bool reads_seconds_only = false;
  // Waits as long as Retry-After says, however long that is.
  bool waits_for_days = false;
  // Asks again when there is no hope: after 400, 401, 403 and 404.
  bool retries_hopeless = false;
  // Sends the body of a request once only.
  bool sends_body_once = false;
  // Gives up a transfer that takes more than some seconds, however well it goes.
  bool is_impatient = false;

  // --- Ranges ---
  // Joins the pieces of a transfer without looking where they belong, and trusts the result.
  bool joins_blindly = false;
  // Gives up when a Range is refused.
  bool gives_up_on_416 = false;

  // --- Listings ---
  // Reads the first page only.
  bool reads_one_page = false;
  // Follows the Link of a listing wherever it leads, even back to where it was.
  bool loops_on_links = false;
  // Follows it to other hosts, credentials and all.
  bool follows_links_anywhere = false;
  // Expects one Link, worded in one way, with a path.
  bool reads_links_naively = false;
  // Takes a Link for the next page whatever its relation is.
  bool ignores_relations = false;
  // Makes up the address of the next page from the last name that it saw.
  bool makes_up_next_page = false;
  // Takes a page that is shorter than it asked for to be the last.
  bool stops_at_short_page = false;
  // Takes what it cannot read for an empty list.
  bool takes_errors_for_empty = false;
  // Loses the last name of a list.
  bool loses_last_name = false;
  // Takes null for an error where a list is meant.
  bool refuses_null = false;
  // Takes names that are not sorted for the end of a list.
  bool expects_sorted_names = false;

  // --- Referrers ---
  // Knows the referrers API only.
  bool knows_referrers_api_only = false;
  // Follows referrers of referrers without looking where it was.
  bool recurses_forever = false;
  // Takes a referrers tag for an error when it holds no index.
  bool needs_referrers_index = false;
  // Knows the referrers tag only.
  bool knows_referrers_tag_only = false;

  // --- Pushing ---
  // Pushes the manifest before its blobs.
  bool pushes_manifest_first = false;
  // Uploads what is there already.
  bool uploads_always = false;
  // Takes every answer to HEAD but 200 for "not there".
  bool takes_refusal_for_absence = false;
  // Drops the query of an upload's Location.
  bool drops_location_query = false;
  // Decodes and encodes the query of an upload's Location.
  bool rewrites_location_query = false;
  // Sends every part of an upload to the first Location.
  bool keeps_first_location = false;
  // Resolves a Location by putting it behind the host.
  bool resolves_locations_naively = false;
  // Gives up when a mount is refused.
  bool insists_on_mount = false;
  // Sends chunks that are smaller than the registry wants.
  bool ignores_chunk_minimum = false;
  // Writes Content-Range as HTTP does: with a unit.
  bool writes_http_ranges = false;
  // Goes on behind what it sent, not behind what the registry has.
  bool ignores_stored_range = false;
  // Takes the refusal of a push for success.
  bool ignores_push_status = false;
  // Pushes manifests as application/json.
  bool types_manifests_as_json = false;
  // Pushes layers that are not to be distributed.
  bool pushes_foreign_layers = false;
  // Takes an answer that names another digest for success.
  bool ignores_pushed_digest = false;
  // Leaves an upload open that it gave up.
  bool leaves_uploads = false;
  // Writes the referrers tag anew, without what it listed.
  bool replaces_referrers_tag = false;
  // Leaves the referrers tag alone.
  bool forgets_referrers_tag = false;
  // Writes the referrers tag where the registry needs none.
  bool writes_needless_tag = false;
  // Asks for no more than pull when it pushes.
  bool pushes_with_pull_scope = false;
  // Uploads to the registry itself only.
  bool uploads_to_origin_only = false;
  // Wants the subject of what it pushes to be there.
  bool needs_subject = false;
  // Deletes by tag, whatever the tag means by then.
  bool deletes_by_tag = false;

  // --- Unpacking ---
  // Takes the paths of archives and titles as they are.
  bool unpacks_anywhere = false;
  // Writes through symbolic links.
  bool follows_links = false;
  // Makes hard links to whatever an archive names.
  bool links_anywhere = false;
  // Takes whiteouts for files.
  bool ignores_whiteouts = false;
  // Deletes what a whiteout names, wherever it is.
  bool deletes_anywhere = false;
  // Does not look at diff_ids.
  bool ignores_diff_ids = false;
  // Knows plain archives only.
  bool knows_plain_tar_only = false;
  // Writes archives as they are.
  bool leaves_archives = false;
  // Does not look at titles.
  bool ignores_titles = false;

  // --- Connections ---
  // Takes every certificate, of whomever and for whomever it is.
  bool trusts_any_certificate = false;
  // Takes a good certificate for another name.
  bool ignores_certificate_names = false;
  // Asks in clear text when TLS fails.
  bool falls_back_to_http = false;
  // Asks every registry in clear text.
  bool speaks_http_only = false;
  // Asks every registry over TLS, whatever it was told.
  bool speaks_https_only = false;
  // Follows redirects from https to http.
  bool follows_downgrades = false;
  // Shows its password to a token service in clear text, though the registry speaks TLS.
  bool shows_password_in_clear = false;
  // Asks the proxy for hosts that it was told to ask directly.
  bool asks_proxy_for_everything = false;
  // Asks the proxy for https URLs as for http URLs: in absolute form, in clear text.
  bool asks_proxy_in_absolute_form = false;
  // Sends the registry's headers to the proxy, too.
  bool shows_credentials_to_proxy = false;
  // Sends the proxy's password to the registry, too.
  bool shows_proxy_password = false;
  // Leaves the proxy's password at home.
  bool forgets_proxy_password = false;
  // Asks a proxy that refuses again and again.
  bool insists_on_proxy = false;
  // Asks docker.io itself for Docker Hub's images.
  bool asks_docker_io = false;
  // Leaves out the `library/` of Docker Hub's own images.
  bool adds_no_library = false;

  // --- Store ---
  // Takes what a tag once meant from its cache, without asking.
  bool never_revalidates = false;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_MISBEHAVIOURS_H_
