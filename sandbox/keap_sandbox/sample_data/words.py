"""The names, places and other words that sample records are made of."""

from __future__ import annotations

GIVEN = (
    "Ada", "Amélie", "Anders", "Anna", "Bruno", "Carmen", "Chidi", "Chloe", "Dana", "Diego", "Elif", "Emeka",
    "Fatima", "Fiona", "Gareth", "Grace", "Hana", "Hugo", "Imani", "Ines", "Jamal", "Jo", "Kai", "Kateryna",
    "Lars", "Leila", "Łukasz", "Maeve", "Mateo", "Mei", "Nadia", "Noah", "Olga", "Omar", "Priya", "Quinn",
    "Rosa", "Ruth", "Sam", "Søren", "Tariq", "Tess", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoë",
    "Анна", "Дмитрий", "明", "さくら", "지우", "محمد", "שירה", "🌱 Willow",
)  # fmt: skip
FAMILY = (
    "Abara", "Albrecht", "Baptiste", "Bergström", "Brennan", "Castillo", "Chen", "Cohen", "D'Angelo",
    "Dubois", "Eriksen", "Farouk", "Fischer", "García", "Goldberg", "Haddad", "Hughes", "Ivanova", "Jansen",
    "Kaplan", "Kim", "Kowalczyk", "Lindqvist", "Lopez", "Mac Donald", "Marin", "Mbeki", "Meyer", "Nakamura",
    "Novák", "O'Neill", "Okafor", "Ortiz", "Patel", "Pereira", "Quist", "Rahman", "Reyes", "Rossi", "Sato",
    "Schmidt", "Silva", "Smith", "Smith-Jones", "Tanaka", "Tran", "Usman", "van der Berg", "Vargas", "Wagner",
    "Walsh", "Weiß", "Xu", "Yilmaz", "Zhang", "Петрова", "王", "田中",
)  # fmt: skip
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "kontakt.example", "post.example")
BUSINESS = (
    "Bakery", "Bikes", "Books", "Coaching", "Consulting", "Dental", "Design", "Events", "Fitness", "Flowers",
    "Gardens", "Law", "Logistics", "Media", "Music School", "Optics", "Photography", "Plumbing", "Realty",
    "Roofing", "Software", "Solar", "Travel", "Vets", "Yoga",
)  # fmt: skip
FORMS = ("LLC", "Inc.", "& Sons", "GmbH", "Ltd", "S.A.", "Group", "Co-op", "株式会社")
STREETS = (
    "Oak St",
    "Main St",
    "Via Roma",
    "Rue de l'Église",
    "Hauptstraße",
    "Ocean Ave",
    "Mill Lane",
    "Calle Mayor",
)
PLACES = (
    ("Chandler", "Arizona", "US-AZ", "85224", "USA", "United States"),
    ("Austin", "Texas", "US-TX", "73301", "USA", "United States"),
    ("Portland", "Oregon", "US-OR", "97201", "USA", "United States"),
    ("Toronto", "Ontario", "CA-ON", "M5H 2N2", "CAN", "Canada"),
    ("Leeds", "England", "GB-ENG", "LS1 4DY", "GBR", "United Kingdom"),
    ("München", "Bayern", "DE-BY", "80331", "DEU", "Germany"),
    ("São Paulo", "São Paulo", "BR-SP", "01000-000", "BRA", "Brazil"),
    ("Sydney", "New South Wales", "AU-NSW", "2000", "AUS", "Australia"),
    ("大阪市", "Osaka", "JP-27", "530-0001", "JPN", "Japan"),
)
JOBS = (
    "Owner",
    "Founder & CEO",
    "Office manager",
    "Coach",
    "Marketing lead",
    "Buyer",
    "Teacher",
    "Chef de cuisine",
)
ZONES = (
    "America/Phoenix",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Australia/Sydney",
)
CATEGORIES = ("Customers", "Prospects", "Nurture", "Events", "Internal - do not use", "Ünïcode & Friends")
TAGS = (
    "Customer -> Active", "Customer -> Lapsed", "Customer -> VIP", "Customer -> Refunded", "Prospect -> Hot",
    "Prospect -> Warm", "Prospect -> Cold", "Newsletter", "Newsletter -> Opened", "Newsletter -> Clicked",
    "Webinar 2024-11 Registered", "Webinar 2024-11 Attended", "Webinar 2025-05 Registered",
    "Webinar 2025-05 Attended", "Trade show: Phoenix", "Trade show: Berlin", "Lead magnet - Checklist",
    "Lead magnet - E-book", 'Lead magnet - "The 5-Day Plan"', "Form -> Contact us", "Form -> Quote",
    "Referral", "Affiliate", "Partner", "Do not call", "Do not e-mail", "Birthday club", "Survey 2025 done",
    "Cart abandoned", "Payment failed", "Trial started", "Trial ended", "Onboarding 1/3", "Onboarding 2/3",
    "Onboarding 3/3", "Café ☕ regular", "100% discount", "Everybody", "Unused (old)",
    "zzz test; please, delete",
)  # fmt: skip
PRODUCTS = (
    "Starter course",
    "Pro course",
    "Coaching hour",
    "Membership (monthly)",
    "Workbook, 2nd ed.",
    "Retreat",
)
