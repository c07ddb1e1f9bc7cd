-- The bench's data: a made-up but plausible installation after some years. Read by bench/data.py, which puts numbers for
-- $$themes, $$applications, $$vouchers, $$hosts, $$guests and $$password. The same every time, but for today's date.

SET client_min_messages = warning;
SELECT setseed(0.42);

-- Programmes: 1 decides in one step (light), 2 and 3 in two (full). Each has four owners, two assessors, two finance officers.

INSERT INTO programme (id, name, name_key, about, level, scheme, timezone, country, currency, eligible_countries, eligible_levels,
    minimum_days, maximum_days, open_applications_cap, host_answer_days, guest_confirmation_days, signature_days,
    voucher_request_days, answer_days, decision_working_days, validity_months, extension_months, attendance_days,
    claim_days, payment_days, questionnaire_days, provider_share_limit, score_sheet, created_at)
SELECT i, name, lower(name),
    'Staff exchanges between clusters.', (ARRAY['regional', 'national', 'european'])[i],
    (ARRAY['light', 'full', 'full'])[i], 'Europe/Brussels', 'BE', 'EUR',
    '["AT", "BE", "BG", "CZ", "DE", "DK", "ES", "FR", "IT", "NL", "PL", "PT"]',
    '["cluster_manager", "policy_maker", "cluster_member"]', 2, 14, 5, 10, 7, 14, 14, 14, 10, 12, 6, 7, 30, 10, 14, 30,
    '[]', now() - interval '3 years'
FROM unnest(ARRAY['Northern Cluster Exchange', 'National Cluster Mobility', 'European Cluster Mobility']) WITH ORDINALITY AS p (name, i);

INSERT INTO call (id, programme_id, name, name_key, opens_on, closes_on)
SELECT i, i, 'Rolling call', 'rolling call', current_date - 1000, NULL FROM generate_series(1, 3) i;

INSERT INTO rate_card (id, programme_id, voucher_kind, number, name, components, created_at)
SELECT i, i, 'mobility', 1, 'Rates',
    '[{"component": "lump_by_country", "key": "lump_by_country", "minimum_working_days": 2, "amounts": {"AT": "900.00", "BE": "830.00", "BG": "560.00",
      "CZ": "610.00", "DE": "830.00", "DK": "1100.00", "ES": "830.00", "FR": "900.00", "IT": "900.00", "NL": "830.00",
      "PL": "610.00", "PT": "780.00"}}]', now() - interval '3 years'
FROM generate_series(1, 3) i;

INSERT INTO budget_line (id, call_id, voucher_kind, name, available, committed, spent)
SELECT i, i, 'mobility', 'Mobility vouchers', 0, 0, 0 FROM generate_series(1, 3) i;

-- Organisations: the first $$hosts receive, the others send. Each has a coordinator with the number of the organisation.

INSERT INTO organisation (id, name, name_key, kind, country, city, latitude, longitude, sectors, about, website, created_at)
SELECT i, name, lower(name), 'cluster_organisation',
    (ARRAY['AT', 'BE', 'BG', 'CZ', 'DE', 'DK', 'ES', 'FR', 'IT', 'NL', 'PL', 'PT'])[1 + i % 12],
    (ARRAY['Graz', 'Gent', 'Plovdiv', 'Brno', 'Leipzig', 'Aarhus', 'Bilbao', 'Nantes', 'Torino', 'Delft', 'Gdynia',
           'Braga'])[1 + i % 12],
    45 + i % 10, 5 + i % 15, jsonb_build_array((ARRAY['food', 'digital', 'energy', 'health', 'wood'])[1 + i % 5]),
    'A cluster of sixty companies.', '', now() - interval '3 years'
FROM (
    SELECT i, (ARRAY['Wood', 'Ocean', 'Photonics', 'Food', 'Textile', 'Health', 'Water', 'Metal'])[1 + i % 8] || ' Cluster '
        || (ARRAY['Lumen', 'Vale', 'Norte', 'Alpen', 'Baltica', 'Delta', 'Rhona'])[1 + i % 7] || ' ' || i AS name
    FROM generate_series(1, 2 * $hosts) i
) o;

INSERT INTO "user" (id, email, name, password_hash, level, locale, is_administrator, active, demo_note, created_at)
SELECT i, 'person' || i || '@example.org',
    (ARRAY['Ana', 'Jonas', 'Marta', 'Piotr', 'Sofie', 'Luc', 'Elena', 'Tomas', 'Ines', 'Karl', 'Ida'])[1 + i % 11] || ' '
      || (ARRAY['Novak', 'Silva', 'Maes', 'Rossi', 'Weber', 'Dubois', 'Kowal', 'Jensen', 'Prats'])[1 + i % 9] || ' ' || i,
    '$password', 'cluster_manager', (ARRAY['en_GB', 'de_DE', 'fr_FR', 'pt_PT', 'da_DK'])[1 + i % 5], false, true, '',
    now() - interval '2 years'
FROM generate_series(1, 2 * $hosts + $guests + 24) i;

INSERT INTO membership (user_id, organisation_id, programme_id, role, since)
SELECT i, i, NULL::int, 'coordinator', current_date - 700 FROM generate_series(1, 2 * $hosts) i
UNION ALL
SELECT 2 * $hosts + i, $hosts + 1 + i % $hosts, NULL::int, 'guest', current_date - 600 FROM generate_series(1, $guests) i
UNION ALL
SELECT 2 * $hosts + $guests + i, NULL::int, 1 + i % 3,
    (ARRAY['owner', 'owner', 'owner', 'owner', 'assessor', 'assessor', 'finance_officer', 'finance_officer'])[1 + (i - 1) / 3],
    current_date - 900
FROM generate_series(1, 24) i;

-- Themes: six of ten can be applied for.

INSERT INTO theme (id, version, state, created_at, programme_id, host_id, title, summary, learning_offered, benefit_wanted,
    practical, levels, sectors, languages, minimum_days, maximum_days, places, places_taken, search_text, facets,
    first_day, last_day, apply_by)
SELECT i, 2, state, now() - age * interval '1 day', CASE WHEN i % 2 = 0 THEN 1 ELSE 2 + (i / 2) % 2 END, host, title,
    'How we run it with sixty companies, what it costs, and what we would do differently today.',
    'Two days in our team: the service from the first call to the invoice, with the tools, the contracts and the figures.',
    'Your view on how we keep members active in the second year, and a contact in your region.',
    'The office is ten minutes from the station.', '["cluster_manager", "policy_maker"]', jsonb_build_array(sector),
    jsonb_build_array('en', language), 2, 10, 50, 0, lower(title || ' how we run it with sixty companies ' || city),
    ' level:cluster_manager level:policy_maker sector:' || sector || ' language:en language:' || language || ' ',
    CASE WHEN state = 'published' THEN current_date + 40 + i % 200 ELSE current_date - 300 + i % 200 END,
    CASE WHEN state = 'published' THEN current_date + 80 + i % 200 ELSE current_date - 270 + i % 200 END,
    CASE WHEN state = 'published' THEN current_date + 20 + i % 200 ELSE current_date - 320 + i % 200 END
FROM (
    SELECT i, host, o.city, 10 + i % 900 AS age,
        CASE WHEN r < 0.6 THEN 'published' WHEN r < 0.95 THEN 'closed' WHEN r < 0.97 THEN 'draft' ELSE 'archived' END AS state,
        (ARRAY['food', 'digital', 'energy', 'health', 'wood', 'textiles', 'maritime', 'metal'])[1 + (i / 3) % 8] AS sector,
        (ARRAY['de', 'fr', 'pt', 'da', 'it', 'es'])[1 + i % 6] AS language,
        (ARRAY['Funding cluster services', 'A cross-cluster platform', 'Going abroad together', 'A digital innovation hub',
               'Monitoring smart specialisation', 'Public procurement of innovation', 'Training the cluster team',
               'Measuring what members gain', 'Working with universities'])[1 + i % 9] || ' in ' || o.city || ' ' || i AS title
    FROM (SELECT i, 1 + i % $hosts AS host, random() AS r FROM generate_series(1, $themes) i) t
    JOIN organisation o ON o.id = host
) t;

INSERT INTO hosting_window (theme_id, first_day, last_day, apply_by)
SELECT id, first_day, first_day + 14, apply_by - 5 FROM theme
UNION ALL
SELECT id, first_day + 20, last_day, apply_by FROM theme;

-- Applications: twenty for each guest, ten for each theme.

INSERT INTO application (id, version, moved_in, state, waiting_for, waiting_since, due_on, created_at, theme_id, guest_id,
    guest_organisation_id, motivation, objectives, brings, first_day, last_day, self_funded, know_each_other,
    offered_first_day, offered_last_day, submitted_on)
SELECT i, 2, false, state,
    CASE state WHEN 'submitted' THEN 'host_answer' WHEN 'in_dialogue' THEN 'host_answer' WHEN 'accepted' THEN 'guest_confirmation' END,
    CASE WHEN state IN ('submitted', 'in_dialogue', 'accepted') THEN current_date - 3 END,
    CASE WHEN state IN ('submitted', 'in_dialogue') THEN current_date + (i % 11)::int WHEN state = 'accepted' THEN current_date + (i % 8)::int END,
    now() - (20 + i % 600) * interval '1 day', theme, 2 * $hosts + guest, $hosts + 1 + guest % $hosts,
    'We start a service of this kind next year and want to avoid the mistakes of others.',
    'See the contracts and the figures; meet two members who pay for the service.',
    'Five years of a benchmarking club, with its templates.', current_date + 60, current_date + 64, false, true,
    CASE WHEN state IN ('accepted', 'confirmed') THEN current_date + 60 END,
    CASE WHEN state IN ('accepted', 'confirmed') THEN current_date + 64 END,
    CASE WHEN state <> 'draft' THEN current_date - 20 - (i % 600)::int END
FROM (
    SELECT i, theme, guest,
        CASE WHEN r < 0.25 OR theme_state = 'draft' THEN 'confirmed' WHEN r < 0.26 THEN 'draft' WHEN r < 0.275 THEN 'submitted'
             WHEN r < 0.285 THEN 'in_dialogue' WHEN r < 0.293 THEN 'accepted' WHEN r < 0.60 THEN 'declined'
             WHEN r < 0.80 THEN 'withdrawn' ELSE 'lapsed' END AS state
    FROM (
        SELECT i, 1 + i % $themes AS theme, 1 + (i % $themes * 7 + i / $themes * 911) % $guests AS guest, random() AS r
        FROM generate_series(1, $applications) i
    ) a JOIN (SELECT id, state AS theme_state FROM theme) t ON t.id = a.theme
) a;

INSERT INTO delegate (application_id, position, name, email, level)
SELECT a.id, 1, u.name, u.email, 'cluster_manager' FROM application a JOIN "user" u ON u.id = a.guest_id;

INSERT INTO first_contact (application_id, held_on, kind, note, recorded_by_id)
SELECT id, current_date - 15, 'video', 'We talked for half an hour.', guest_id FROM application
WHERE state IN ('in_dialogue', 'accepted', 'confirmed');

-- Exchanges of the confirmed applications, each with one version of its agreement.

INSERT INTO exchange (id, version, state, waiting_for, waiting_since, due_on, created_at, application_id, theme_id, programme_id,
    host_id, guest_id, guest_organisation_id, self_funded, first_day, last_day, actual_first_day, actual_last_day, attended,
    confirmed_by_id, confirmed_by_name, confirmed_on, certificate_code, certified_names)
SELECT number, 3, state, CASE state WHEN 'planning' THEN 'signatures' WHEN 'in_progress' THEN 'attendance' END,
    CASE WHEN state IN ('planning', 'in_progress') THEN current_date - 2 END,
    CASE WHEN state IN ('planning', 'in_progress') THEN current_date + number % 9 END,
    now() - (10 + number % 500) * interval '1 day', application_id, theme_id, programme_id, host_id, guest_id,
    guest_organisation_id, true, first_day, first_day + 4,
    CASE WHEN state IN ('completed', 'closed') THEN first_day END,
    CASE WHEN state IN ('completed', 'closed') THEN first_day + 4 END, '[]',
    CASE WHEN state IN ('completed', 'closed') THEN host_id END, '',
    CASE WHEN state IN ('completed', 'closed') THEN first_day + 5 END, NULL, '{}'
FROM (
    SELECT *, CASE state WHEN 'planning' THEN current_date + 60 + number % 30 WHEN 'agreed' THEN current_date + 3 + number % 60
                         WHEN 'in_progress' THEN current_date - 2 ELSE current_date - 40 - number % 500 END AS first_day
    FROM (
        SELECT row_number() OVER (ORDER BY a.id)::int AS number, a.id AS application_id, a.theme_id, t.programme_id, t.host_id,
            a.guest_id, a.guest_organisation_id,
            CASE WHEN r < 0.02 THEN 'planning' WHEN r < 0.14 THEN 'agreed' WHEN r < 0.16 THEN 'in_progress'
                 WHEN r < 0.24 THEN 'completed' WHEN r < 0.94 THEN 'closed' ELSE 'cancelled' END AS state
        FROM (SELECT *, random() AS r FROM application WHERE state = 'confirmed' ORDER BY id) a JOIN theme t ON t.id = a.theme_id
    ) e
) e;

INSERT INTO agreement_version (id, exchange_id, number, objectives, guest_benefit, host_benefit, first_day, last_day, agenda,
    host_contact, guest_contact, manager_name, manager_email, written_by_id, written_at, signed_names, travellers, self_funded)
SELECT id, id, 1, '[{"key": "o1", "text": "See the contracts and the figures."}]',
    '[{"key": "g1", "text": "A service that starts with fewer mistakes."}]',
    '[{"key": "h1", "text": "A view from outside on keeping members."}]', first_day, last_day,
    jsonb_build_array(jsonb_build_object('day', first_day, 'plan', 'The team and its services')), '', '', '', '', guest_id, created_at,
    '{}', '', true
FROM exchange;

INSERT INTO signature (agreement_version_id, side, signed_by_id, signed_at, name)
SELECT id, 'guest', guest_id, created_at, 'A guest' FROM exchange WHERE state <> 'planning' OR id % 2 = 0
UNION ALL
SELECT id, 'host', host_id, created_at, 'A coordinator' FROM exchange WHERE state <> 'planning';

UPDATE exchange SET newest_version_id = id, agreed_version_id = CASE WHEN state <> 'planning' THEN id END;
UPDATE theme SET places_taken = taken FROM (SELECT theme_id, count(*) AS taken FROM exchange WHERE state <> 'cancelled' GROUP BY theme_id) e
WHERE e.theme_id = theme.id;

-- Vouchers: $$vouchers of the agreed exchanges; the others pay for themselves.

INSERT INTO voucher (id, version, granted_elsewhere, paid_elsewhere, state, waiting_for, waiting_since, due_on, created_at, kind, programme_id, exchange_id, holder_id,
    holder_organisation_id, host_id, budget_line_id, rate_card_id, lines, basis, amount, final_amount, paid_on, need, green_travel, declarations, question, answer, scores, score, assessment,
    assessed_by_id, requested_on, decided_on, code, issued_at, valid_from, valid_until, extended, redeemed_on, delivered_on, claim_extended, advised_against)
SELECT number, 2, '', '', state,
    CASE WHEN state = 'draft' THEN 'voucher_request' WHEN state IN ('requested', 'recommended') THEN 'decision'
         WHEN state = 'returned' THEN 'answer' WHEN state = 'issued' THEN 'redemption' WHEN state = 'redeemed' THEN 'delivery'
         WHEN state = 'delivered' THEN 'claim' WHEN state = 'claimed' THEN 'payment' END,
    CASE WHEN state IN ('draft', 'requested', 'recommended', 'returned', 'issued', 'redeemed', 'delivered', 'claimed')
         THEN current_date - 3 END,
    CASE WHEN state IN ('draft', 'requested', 'recommended', 'returned') THEN current_date + number % 14
         WHEN state IN ('redeemed', 'delivered', 'claimed') THEN current_date + 4 + number % 20
         WHEN state = 'issued' THEN first_day + 90 END,
    created_at, 'mobility', programme_id, exchange_id, guest_id, guest_organisation_id, host_id,
    CASE WHEN state <> 'draft' THEN programme_id END, CASE WHEN state <> 'draft' THEN programme_id END,
    jsonb_build_array(jsonb_build_object('label', 'Lump sum', 'quantity', '1', 'unit', 'stay', 'unit_amount', euros || '.00',
        'amount', euros || '.00', 'rule', 'lump_by_country', 'hint', '')), '{}',
    euros * 100, CASE WHEN state = 'paid' THEN euros * 100 END, CASE WHEN state = 'paid' THEN first_day + 20 END, '', false, '[]', '', '', '[]', CASE WHEN state = 'recommended' THEN 80 END, CASE WHEN state = 'recommended' THEN 'A good plan.' ELSE '' END,
    NULL, CASE WHEN state <> 'draft' THEN current_date - 3 - number % 40 END, CASE WHEN committed THEN first_day - 20 END,
    CASE WHEN committed THEN upper(substr(md5(number::text), 1, 26)) END,
    CASE WHEN committed THEN first_day - interval '20 days' END,
    CASE WHEN committed THEN first_day - 20 END, CASE WHEN committed THEN first_day + 90 END, false,
    CASE WHEN state IN ('redeemed', 'delivered', 'claimed', 'paid') THEN first_day END,
    CASE WHEN state IN ('delivered', 'claimed', 'paid') THEN first_day + 5 END, false, false
FROM (
    SELECT *, state IN ('issued', 'redeemed', 'delivered', 'claimed', 'paid') AS committed FROM (
        SELECT row_number() OVER (ORDER BY exchange_id)::int AS number, e.*, 500 + exchange_id % 600 AS euros,
            CASE exchange_state
                WHEN 'in_progress' THEN 'redeemed'
                WHEN 'completed' THEN CASE WHEN r < 0.5 THEN 'delivered' ELSE 'claimed' END
                WHEN 'closed' THEN CASE WHEN r < 0.85 THEN 'paid' ELSE 'lapsed' END
                WHEN 'cancelled' THEN CASE WHEN r < 0.7 THEN 'withdrawn' ELSE 'rejected' END
                ELSE CASE WHEN r < 0.10 THEN 'draft' WHEN r < 0.15 THEN 'returned' WHEN r < 0.40 THEN 'issued'
                          WHEN r < 0.70 AND e.programme_id > 1 THEN 'recommended' ELSE 'requested' END
            END AS state
        FROM (SELECT id AS exchange_id, state AS exchange_state, created_at, programme_id, host_id, guest_id, guest_organisation_id, first_day, random() AS r
              FROM exchange WHERE state <> 'planning' ORDER BY md5(id::text) LIMIT $vouchers) e
    ) v
) v;

UPDATE exchange SET self_funded = false FROM voucher WHERE voucher.exchange_id = exchange.id;

-- What the bank has paid: each guest's account, a batch for each programme.

INSERT INTO bank_account (id, user_id, holder_name, iban, bic, added_by_id, added_at, usable_from)
SELECT row_number() OVER (ORDER BY holder_id), holder_id, 'A guest', 'PT50000201231234567890154', '', holder_id,
    now() - interval '2 years', now() - interval '2 years'
FROM (SELECT DISTINCT holder_id FROM voucher WHERE state = 'paid') paid;

INSERT INTO payment_batch (id, version, state, created_at, programme_id, collected_by_id, message_id)
SELECT id, 4, 'settled', now() - interval '1 year', id, 1, 'bench-' || id FROM programme;

INSERT INTO payment (id, batch_id, voucher_id, account_id, amount, end_to_end_id, outcome, reason, settled_on)
SELECT v.id, v.programme_id, v.id, a.id, v.final_amount, 'bench-' || v.id, 'paid', '', v.paid_on
FROM voucher v JOIN bank_account a ON a.user_id = v.holder_id WHERE v.state = 'paid';

-- The ledger, balanced: what was appropriated, committed, spent and released; then the balances from it.

INSERT INTO ledger_entry (id, budget_line_id, event, voucher_id, key, by_id, at, note)
SELECT id, id, 'appropriate', NULL, 'line ' || id || ':appropriate:1', NULL, now() - interval '3 years', '' FROM budget_line;

INSERT INTO ledger_entry (id, budget_line_id, event, voucher_id, key, by_id, at, note)
SELECT 3 + row_number() OVER (ORDER BY number, id), budget_line_id, event, id, id || ':' || event, NULL, created_at, ''
FROM (
    SELECT 1 AS number, id, budget_line_id, created_at, 'commit' AS event FROM voucher
    WHERE state IN ('issued', 'redeemed', 'delivered', 'claimed', 'paid', 'lapsed')
    UNION ALL SELECT 2, id, budget_line_id, created_at, 'spend' FROM voucher WHERE state = 'paid'
    UNION ALL SELECT 3, id, budget_line_id, created_at, 'release' FROM voucher WHERE state = 'lapsed'
) e;

INSERT INTO posting (entry_id, account, amount)
SELECT e.id, side.account, side.sign * coalesce(v.amount, 2000000000)
FROM ledger_entry e LEFT JOIN voucher v ON v.id = e.voucher_id
JOIN (VALUES ('appropriate', 'funding', -1), ('appropriate', 'available', 1), ('commit', 'available', -1), ('commit', 'committed', 1),
             ('spend', 'committed', -1), ('spend', 'spent', 1), ('release', 'committed', -1), ('release', 'available', 1)
) AS side (event, account, sign) ON side.event = e.event;

UPDATE budget_line SET available = sums.available, committed = sums.committed, spent = sums.spent
FROM (
    SELECT e.budget_line_id, coalesce(sum(p.amount) FILTER (WHERE account = 'available'), 0) AS available,
        coalesce(sum(p.amount) FILTER (WHERE account = 'committed'), 0) AS committed,
        coalesce(sum(p.amount) FILTER (WHERE account = 'spent'), 0) AS spent
    FROM posting p JOIN ledger_entry e ON e.id = p.entry_id GROUP BY e.budget_line_id
) sums WHERE sums.budget_line_id = budget_line.id;

-- History: how each object began, and what was done last.

INSERT INTO history_entry (subject_type, subject_id, actor_id, acted_as, action, from_state, to_state, note, at, version, actor_name)
SELECT subject_type, id, actor_id, acted_as, action, from_state, to_state, '', at, version, 'Somebody'
FROM (
    SELECT 'theme' AS subject_type, id, host_id AS actor_id, 'host coordinator' AS acted_as, 'created' AS action, '' AS from_state,
        'draft' AS to_state, created_at AS at, 1 AS version FROM theme
    UNION ALL SELECT 'theme', id, host_id, 'host coordinator', 'publish', 'draft', state, created_at + interval '1 hour', 2 FROM theme
        WHERE state <> 'draft'
    UNION ALL SELECT 'application', id, guest_id, 'guest', 'created', '', 'draft', created_at, 1 FROM application
    UNION ALL SELECT 'application', id, guest_id, 'guest', 'submit', 'draft', state, created_at + interval '1 hour', 2 FROM application
        WHERE state <> 'draft'
    UNION ALL SELECT 'exchange', id, guest_id, 'guest', 'created', '', 'planning', created_at, 1 FROM exchange
    UNION ALL SELECT 'exchange', id, host_id, 'host coordinator', 'sign', 'planning', state, created_at + interval '2 hours', 2
        FROM exchange WHERE state <> 'planning'
    UNION ALL SELECT 'voucher', id, holder_id, 'holder', 'created', '', 'draft', created_at, 1 FROM voucher
    UNION ALL SELECT 'voucher', id, holder_id, 'holder', 'request', 'draft', state, created_at + interval '3 hours', 2 FROM voucher
        WHERE state <> 'draft'
    UNION ALL SELECT 'payment', id, 1, 'finance officer', 'created', '', 'settled', created_at, 4 FROM payment_batch
) acts ORDER BY at, subject_type, id;

-- Rows were given their ids here, so the sequences go on after them.

DO $$$$
DECLARE named record;
BEGIN
    FOR named IN SELECT table_name AS it FROM information_schema.columns
                 WHERE table_schema = 'public' AND column_name = 'id' AND column_default LIKE 'nextval%'
    LOOP
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), greatest(max(id), 1)) FROM %I',
                       quote_ident(named.it), named.it);
    END LOOP;
END $$$$;
