"""Words that demo people are made of."""

from __future__ import annotations

FIRST = (
    "Aarav", "Aditi", "Ajay", "Akash", "Amit", "Ananya", "Anil", "Anjali", "Arjun", "Asha", "Bhavna", "Chirag",
    "Deepa", "Devika", "Divya", "Farhan", "Fatima", "Gaurav", "Gayatri", "Harish", "Imran", "Ishaan", "Ishita",
    "Jaya", "Karan", "Kavita", "Kiran", "Lakshmi", "Lata", "Manish", "Maria", "Meera", "Mohan", "Nandini", "Neha",
    "Nikhil", "Nisha", "Omkar", "Pallavi", "Pooja", "Pradeep", "Pranav", "Preeti", "Priya", "Rahul", "Rajesh",
    "Rekha", "Ritu", "Rohan", "Sachin", "Sameer", "Sandeep", "Sanjana", "Shalini", "Shreya", "Siddharth", "Sneha",
    "Sunita", "Suresh", "Swati", "Tanvi", "Uma", "Varun", "Vidya", "Vikram", "Vivek", "Yash", "Zoya",
)  # fmt: skip
LAST = (
    "Agarwal", "Ansari", "Bhat", "Bose", "Chatterjee", "Chavan", "D'Souza", "Desai", "Deshmukh", "Fernandes", "Gandhi",
    "Ghosh", "Gupta", "Iyer", "Jadhav", "Jain", "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Mehta", "Menon",
    "Mishra", "Naik", "Nair", "Patel", "Patil", "Pillai", "Rao", "Reddy", "Saxena", "Shah", "Sharma", "Shetty",
    "Singh", "Sinha", "Thomas", "Verma", "Yadav",
)  # fmt: skip
CITIES = ("Mumbai", "Pune", "Bengaluru", "Delhi", "Ahmedabad", "Hyderabad", "Chennai", "Kolkata", "Nagpur", "Nashik",
          "Surat", "Jaipur", "Indore", "Kochi", "Thane")  # fmt: skip
TAGS = ("goa", "bali", "kerala", "diwali", "honeymoon", "family", "corporate", "dubai")
OPERATORS = ("98200", "98190", "98450", "99000", "97690", "96190", "90040", "88790", "80970", "70450")
# Beginning of the number, digits to follow, city, how many.
ABROAD = (
    ("+97150", 7, "Dubai", 4),
    ("+447400", 6, "London", 4),
    ("+6591", 6, "Singapore", 3),
    ("+61412", 6, "Sydney", 2),
    ("+141555501", 2, "San Francisco", 2),
    ("+164755501", 2, "Toronto", 2),
)
# The sandbox fails numbers that end in an error's code: so the demo shows what failing looks like.
FAILING = ("+919820131026", "+919845131026", "+919769131026", "+919004131026", "+919819131049", "+919900131049")
# (source, wording): how people said yes.
YES = (
    ("form", "Yes, send me travel offers on WhatsApp (enquiry form)"),
    ("whatsapp", "START"),
    ("counter", "Ticked “Offers on WhatsApp” on the booking form"),
    ("fair", "Signed up at the travel fair with a QR code"),
)
NO = ("whatsapp", "STOP")
# (destination, product, rupees a person)
JOURNEYS = (
    ("Bali", "Bali, 6 nights in Ubud and Seminyak", 48_500),
    ("Bali", "Bali honeymoon, villa with a pool, 5 nights", 62_000),
    ("Goa", "Goa, 3 nights by the sea at Candolim", 12_900),
    ("Goa", "Goa monsoon weekend", 8_750),
    ("Kerala", "Kerala backwaters, houseboat, 4 nights", 18_400),
    ("Kerala", "Munnar and Thekkady, 5 nights", 16_250),
    ("Dubai", "Dubai, 4 nights with desert safari", 42_000),
    ("Thailand", "Phuket and Krabi, 6 nights", 36_800),
    ("Ladakh", "Leh, Nubra and Pangong, 7 nights", 28_600),
    ("Rajasthan", "Jaipur, Jodhpur and Udaipur, 6 nights", 21_300),
)
ANSWERS = ("Interested", "Please call me", "What is the price for 4 people?", "Is December possible?", "Interested 😊")
