//! Tokens that show by their shape who gave them out.

use super::{
    accept::{always, has_digit, is_mixed},
    kind::shapes,
};

shapes! {
    /// Clouds and places where programs run.
    CLOUDS:
    "aws_access_key", ["AKIA", "ASIA", "ABIA", "ACCA", "A3T"], always, r"\b(?:AKIA|ASIA|ABIA|ACCA|A3T[0-9A-Z])[0-9A-Z]{16}\b";
    "aws_session_token", ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"], always, r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=%_-]{40,}";
    "aws_bedrock_key", ["ABSK", "bedrock-api-key-"], always, r"\b(?:ABSK[A-Za-z0-9+/]{40,}={0,2}|bedrock-api-key-[A-Za-z0-9+/=_-]{20,})";
    "aws_mws_key", ["amzn.mws."], always, r"amzn\.mws\.[0-9a-f-]{36}";
    "google_key", ["AIza", "ya29.", "GOCSPX-", "1//0", "GOOG1"], always, r"(?:\bAIza[0-9A-Za-z_-]{35}|\bya29\.[0-9A-Za-z_-]{20,}|\bGOCSPX-[0-9A-Za-z_-]{20,}|\b1//0[0-9A-Za-z_-]{30,}|\bGOOG1E[0-9A-Z]{40,})";
    "azure_secret", ["Q~"], has_digit, r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}";
    "azure_key", ["JQQJ99", "AZDO", "AzFu", "AzSe", "AzCa", "+ASt", "+AMC", "+ACR", "+ABa", "ACDb", "AIoT", "+ARm", "AEhS"], is_mixed, r"(?:\b[A-Za-z0-9]{48,}JQQJ99[A-Za-z0-9]{20,}|\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}|[A-Za-z0-9+/]{26,}(?:AzFu|AzSe|AzCa|\+ASt|\+AMC|\+ACR|\+ABa|ACDb|AIoT|\+ARm|AEhS)[A-Za-z0-9+/]{5,}={0,2})";
    "digitalocean_token", ["dop_v1_", "doo_v1_", "dor_v1_"], always, r"\bdo[opr]_v1_[a-f0-9]{40,}";
    "alibaba_key", ["LTAI"], is_mixed, r"\bLTAI[A-Za-z0-9]{12,26}\b";
    "tencent_key", ["AKID"], is_mixed, r"\bAKID[A-Za-z0-9]{28,}\b";
    "yandex_token", ["t1.", "AQVN", "y0_"], has_digit, r"\b(?:t1\.[A-Za-z0-9_-]{20,}={0,2}\.[A-Za-z0-9_-]{60,}={0,2}|AQVN[A-Za-z0-9_-]{35,38}|y0_[A-Za-z0-9_-]{40,})";
    "scaleway_key", ["SCW"], has_digit, r"\bSCW[A-Z0-9]{17}\b";
    "fly_token", ["fo1_", "fm1_", "fm1a_", "fm1r_", "fm2_"], always, r"\b(?:fo1_[A-Za-z0-9_-]{40,}|fm[12][ar]?_[A-Za-z0-9+/]{60,}={0,3})";
    "heroku_key", ["HRKU-"], always, r"\bHRKU-[A-Za-z0-9_-]{30,}";
    "netlify_token", ["nfp_", "nfc_", "nfo_", "nfu_", "nfb_"], always, r"\bnf[pcoub]_[A-Za-z0-9]{30,}";
    "vercel_token", ["vcp_", "vci_", "vca_", "vcr_", "vck_", "vercel_blob_rw_"], always, r"\b(?:vc[piark]_[A-Za-z0-9]{24,}|vercel_blob_rw_[A-Za-z0-9_]{24,})";
    "cloudflare_token", ["cfut_", "cfat_", "cfk_", "v1.0-"], has_digit, r"\b(?:cf(?:ut|at|k)_[A-Za-z0-9_-]{32,}|v1\.0-[a-f0-9]{24}-[a-f0-9]{100,})";
    "render_key", ["rnd_"], has_digit, r"\brnd_[A-Za-z0-9]{20,}";
    "pulumi_token", ["pul-"], always, r"\bpul-[a-f0-9]{40}\b";
    "terraform_token", [".atlasv1."], always, r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}";
    "tailscale_key", ["tskey-"], always, r"\btskey-[a-z]+-[A-Za-z0-9-]{12,}";
    "vault_token", ["hvs.", "hvb.", "hvr."], always, r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}";
    "vault_token", ["s.", "b."], is_mixed, r"\b[sb]\.[A-Za-z0-9]{24}\b";
    "doppler_token", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], always, r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{30,}";
    "onepassword_token", ["ops_eyJ", "A3-"], always, r"\b(?:ops_eyJ[A-Za-z0-9+/_=-]{60,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5})";
}

shapes! {
    /// Code hosts, CI, registries of packages and images, scanners.
    DELIVERY:
    "github_token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], always, r"(?:gh[pousr]_[A-Za-z0-9][A-Za-z0-9_.-]{19,}|github_pat_[A-Za-z0-9_]{20,})";
    "github_token", ["v1."], always, r"\bv1\.[a-f0-9]{40}\b";
    "gitlab_token", ["gl"], always, r"\bgl(?:pat|ptt|dt|rt|rtr|cbt|ft|soat|imt|agent|ffct|wt|oas)-[A-Za-z0-9_.-]{16,}";
    "gitlab_token", ["GR1348941"], always, r"\bGR1348941[A-Za-z0-9_-]{20,}";
    "atlassian_token", ["ATATT3", "ATCTT3", "ATSTT3", "ATBB", "BBDC-"], always, r"\b(?:AT[ACS]TT3[A-Za-z0-9+/=_.-]{20,}|ATBB[A-Za-z0-9]{24,}|BBDC-[A-Za-z0-9+/@_-]{36,})";
    "buildkite_token", ["bkua_", "bkct_", "bkat_", "bkaj_"], always, r"\bbk[a-z]{2}_[A-Za-z0-9_-]{32,}";
    "circleci_token", ["CCIPAT_", "CCIPRJ_"], always, r"\bCCIP(?:AT|RJ)_[A-Za-z0-9]{10,}_[a-f0-9]{32,}";
    "harness_token", ["pat.", "sat."], has_digit, r"\b[ps]at\.[A-Za-z0-9_-]{22}\.[a-f0-9]{24}\.[A-Za-z0-9]{20}\b";
    "octopus_key", ["API-"], has_digit, r"\bAPI-[A-Z0-9]{25,32}\b";
    "npm_token", ["npm_"], always, r"npm_[A-Za-z0-9]{30,}";
    "npm_token", ["NpmToken."], always, r"\bNpmToken\.[0-9a-f-]{36}";
    "pypi_token", ["pypi-"], always, r"\bpypi-[A-Za-z0-9_-]{32,}";
    "rubygems_key", ["rubygems_"], always, r"\brubygems_[a-f0-9]{40,}";
    "crates_token", ["cio"], is_mixed, r"\bcio[A-Za-z0-9]{32}\b";
    "nuget_key", ["oy2"], has_digit, r"\boy2[a-z0-9]{43}\b";
    "packagist_token", ["packagist_"], always, r"\bpackagist_[a-z]{3,5}_[a-f0-9]{40,}";
    "clojars_token", ["CLOJARS_"], has_digit, r"\bCLOJARS_[a-z0-9]{40,}";
    "docker_token", ["dckr_"], always, r"\bdckr_[a-z]{3,5}_[A-Za-z0-9_-]{20,}";
    "artifactory_key", ["AKCp", "cmVmdGtu"], has_digit, r"\b(?:AKCp[A-Za-z0-9]{10,}|cmVmdGtu[A-Za-z0-9+/=_-]{24,})";
    "sonar_token", ["squ_", "sqp_", "sqa_"], always, r"\bsq[upa]_[a-f0-9]{40}\b";
    "snyk_token", ["snyk_uat.", "snyk_sat."], always, r"\bsnyk_[us]at\.[A-Za-z0-9_.-]{20,}";
    "sourcegraph_token", ["sgp_", "slk_"], always, r"\b(?:sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}|slk_[a-f0-9]{64})\b";
    "launchdarkly_key", ["sdk-", "api-", "mob-"], always, r"\b(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b";
    "infracost_key", ["ico-"], has_digit, r"\bico-[A-Za-z0-9]{32}\b";
    "postman_key", ["PMAK-"], always, r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b";
    "expo_token", ["expo_"], is_mixed, r"\bexpo_[A-Za-z0-9_-]{32,}";
}

shapes! {
    /// Where people talk, and where machines are watched.
    PEOPLE_AND_SIGNALS:
    "slack_token", ["xox", "xapp-"], has_digit, r"\b(?:xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9.%-]{10,}|xapp-[A-Za-z0-9-]{10,})";
    "slack_webhook", ["hooks.slack.com/"], always, r"hooks\.slack\.com/(?P<secret>(?:services|workflows|triggers)/[A-Za-z0-9/_-]{16,})";
    "discord_webhook", ["/api/webhooks/"], always, r"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/(?P<secret>[0-9]{15,}/[A-Za-z0-9_-]{40,})";
    "discord_token", [], is_mixed, r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}\b";
    "teams_webhook", [".webhook.office.com/"], always, r"\.webhook\.office\.com/(?P<secret>webhook[a-z0-9]*/[A-Za-z0-9@/_-]{40,})";
    "zapier_webhook", ["hooks.zapier.com/"], always, r"hooks\.zapier\.com/hooks/catch/(?P<secret>[A-Za-z0-9/]{10,})";
    "telegram_token", [":AA"], always, r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}";
    "linear_key", ["lin_api_", "lin_oauth_"], always, r"\blin_(?:api|oauth)_[A-Za-z0-9]{32,}";
    "notion_token", ["ntn_", "secret_"], has_digit, r"\b(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}\b)";
    "figma_token", ["figd_", "figdh_", "figu_"], always, r"\bfig(?:d|dh|u)_[A-Za-z0-9_-]{24,}";
    "airtable_key", ["pat"], has_digit, r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b";
    "asana_token", ["/1"], has_digit, r"\b[12]/1[0-9]{14,16}(?:/[0-9]{14,17})?:[a-f0-9]{32}\b";
    "contentful_token", ["CFPAT-"], always, r"\bCFPAT-[A-Za-z0-9_-]{40,}";
    "hubspot_token", ["pat-na", "pat-eu"], always, r"\bpat-(?:na|eu)[0-9]-[0-9a-f-]{36}";
    "typeform_token", ["tfp_"], has_digit, r"\btfp_[A-Za-z0-9_.=-]{40,}";
    "newrelic_key", ["NRAK-", "NRJS-", "NRII-", "NRIQ-", "NRRA-", "NRSP-", "NRAL"], has_digit, r"\b(?:NR(?:AK|JS|II|IQ|RA|SP)-[A-Za-z0-9_-]{18,}|[a-f0-9]{30,36}NRAL\b)";
    "sentry_token", ["sntrys_", "sntryu_", "sntrya_"], always, r"\bsntry[sua]_[A-Za-z0-9+/=_-]{30,}";
    "grafana_token", ["glc_", "glsa_", "eyJrIjoi"], always, r"\b(?:glc_[A-Za-z0-9+/=]{32,}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|eyJrIjoi[A-Za-z0-9+/_-]{40,}={0,3})";
    "elastic_key", ["essu_"], always, r"\bessu_[A-Za-z0-9+/=_-]{30,}";
    "dynatrace_token", ["dt0"], always, r"\bdt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}\b";
    "honeycomb_key", ["hcaik_", "hcxik_", "hcamk_", "hcbik_", "hclik_"], always, r"\bhc[a-z]{1,2}[im]k_[A-Za-z0-9]{30,}";
    "axiom_token", ["xaat-", "xapt-"], always, r"\bxa[ap]t-[0-9a-f-]{36}";
    "posthog_key", ["phx_", "phs_"], has_digit, r"\bph[xs]_[A-Za-z0-9]{32,}";
    "mapbox_token", ["sk.eyJ"], always, r"\bsk\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{16,}";
}

shapes! {
    /// Money, mail, data and models.
    SERVICES:
    "stripe_key", ["k_live_", "k_test_", "k_prod_"], has_digit, r"\b[sr]k_(?:live|test|prod)_[0-9A-Za-z]{16,}";
    "webhook_secret", ["whsec_"], always, r"\bwhsec_[A-Za-z0-9+/=]{24,}";
    "square_token", ["sq0", "EAAA"], has_digit, r"\b(?:sq0(?:atp|csp|idb)-[A-Za-z0-9_-]{22,}|EAAA[A-Za-z0-9_-]{56,})";
    "shopify_token", ["shp"], always, r"\bshp(?:at|ca|pa|ss|ua|tka)_[A-Fa-f0-9]{32}\b";
    "braintree_token", ["access_token$"], always, r"\baccess_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}\b";
    "plaid_token", ["access-sandbox-", "access-development-", "access-production-"], always, r"\baccess-(?:sandbox|development|production)-[0-9a-f-]{36}";
    "razorpay_key", ["rzp_live_", "rzp_test_"], always, r"\brzp_(?:live|test)_[A-Za-z0-9]{14,}";
    "flutterwave_key", ["FLWSECK"], always, r"\bFLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?";
    "easypost_key", ["EZAK", "EZTK"], is_mixed, r"\bEZ[AT]K[A-Za-z0-9]{54}\b";
    "shippo_token", ["shippo_"], always, r"\bshippo_(?:live|test)_[a-f0-9]{40}\b";
    "duffel_token", ["duffel_"], always, r"\bduffel_(?:test|live)_[A-Za-z0-9_-]{40,}";
    "twilio_key", ["SK", "AC"], always, r"\b(?:SK|AC)[0-9a-f]{32}\b";
    "sendgrid_key", ["SG."], has_digit, r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}";
    "mailgun_key", ["key-", "pubkey-"], always, r"\b(?:pub)?key-[0-9a-f]{32}\b";
    "mailgun_key", [], always, r"\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b";
    "mailchimp_key", ["-us"], always, r"\b[0-9a-f]{32}-us[0-9]{1,2}\b";
    "brevo_key", ["xkeysib-", "xsmtpsib-"], always, r"\bx(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}\b";
    "resend_key", ["re_"], is_mixed, r"\bre_[A-Za-z0-9]{6,}_[A-Za-z0-9]{20,}\b";
    "databricks_token", ["dapi", "dose"], always, r"\bd(?:api|ose)[a-f0-9]{32}(?:-[0-9])?\b";
    "planetscale_token", ["pscale_"], always, r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,}";
    "supabase_key", ["sbp_", "sb_secret_"], always, r"\b(?:sbp_(?:v0_|oauth_)?[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})";
    "neon_key", ["napi_"], has_digit, r"\bnapi_[a-z0-9]{40,}";
    "mongodb_key", ["mdb_sa_sk_"], always, r"\bmdb_sa_sk_[A-Za-z0-9_-]{30,}";
    "prefect_key", ["pnu_", "pnb_"], always, r"\bpn[ub]_[A-Za-z0-9]{36}\b";
    "dropbox_token", ["sl."], has_digit, r"\bsl\.(?:u\.)?[A-Za-z0-9_-]{100,}";
    "facebook_token", ["EAA"], is_mixed, r"\bEAA[A-Za-z0-9]{60,}";
    "anthropic_key", ["sk-ant-"], always, r"\bsk-ant-[A-Za-z0-9_-]{20,}";
    "openai_key", ["sk-proj-", "sk-svcacct-", "sk-admin-", "T3BlbkFJ"], has_digit, r"\bsk-[A-Za-z0-9_-]{20,}";
    "api_key", ["sk-"], has_digit, r"\bsk-(?P<secret>[A-Za-z0-9_-]{24,})";
    "huggingface_token", ["hf_", "api_org_"], is_mixed, r"\b(?:hf|api_org)_[A-Za-z0-9]{30,}";
    "replicate_token", ["r8_"], has_digit, r"\br8_[A-Za-z0-9]{30,}";
    "groq_key", ["gsk_"], has_digit, r"\bgsk_[A-Za-z0-9]{40,}";
    "xai_key", ["xai-"], has_digit, r"\bxai-[A-Za-z0-9]{60,}";
    "perplexity_key", ["pplx-"], has_digit, r"\bpplx-[A-Za-z0-9]{40,}";
    "nvidia_key", ["nvapi-"], has_digit, r"\bnvapi-[A-Za-z0-9_-]{40,}";
    "langsmith_key", ["lsv2_"], always, r"\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}";
    "pinecone_key", ["pcsk_"], always, r"\bpcsk_[A-Za-z0-9_]{40,}";
    "wandb_key", ["wandb_v1_"], always, r"\bwandb_v1_[A-Za-z0-9_]{40,}";
    "jina_key", ["jina_"], is_mixed, r"\bjina_[A-Za-z0-9_-]{40,}";
    "jwt", ["eyJ"], always, r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}";
}
