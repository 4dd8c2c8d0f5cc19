//! What Alice and Bob write to each other.

/// From Alice, while Bob is away.
pub const FROM_ALICE: [&str; 20] = [
    "Hi Bob, it's Alice 👋",
    "How was the hike?",
    "I looked at the map this morning and could not believe how far you went.",
    "😍",
    "Jonas says hello, by the way.",
    "Three things for Saturday:\n1. the boat is ours from ten\n2. bring the blue rope\n3. and tell Ines that her tent is still in my cellar",
    "مرحبا! كيف كانت الرحلة؟",
    "(That's from Samira, she borrowed my phone for a second.)",
    "Did you see the herons?",
    "👍🏽❤️",
    "I put the pictures on a stick, so no hurry with an answer. You'll have no signal up there anyway, and that's rather the point of going.",
    "Weather: rain till four, then sun ☀️",
    "The train at 8:12 still goes on Sundays.",
    "Here's the poem I told you about:\n\nThe path was there before the feet,\nthe lake before the name,\nand what we carried up the hill\nwas lighter when we came.",
    "Und die Straßenbahnhaltestellenüberdachung ist endlich fertig 😄",
    "Do you still have my head torch?",
    "Мама спрашивает, придёшь ли ты на ужин.",
    "If it gets late, the key is where it always is.",
    "A long one, because you'll read it by the fire: I have been thinking about what you said on the bridge, that one should only keep what one would carry. I went through the flat with that in mind. Two boxes of books are gone, the old amplifier is gone, and the bicycle without wheels, finally. What I could not part with is the radio. It hums, it needs five minutes to warm up, and it only ever finds that one station with the slow voice reading the water levels. But when it does, the whole room changes.",
    "Good night from down here 🌙",
];

/// From Bob, while Alice is away.
pub const FROM_BOB: [&str; 20] = [
    "Alice! Back at last 🏔️",
    "Twenty messages. I read them all by the fire, as you said.",
    "The hike was long, wet and wonderful.",
    "Yes, herons! Seven of them, standing in the fog like hat stands.",
    "🎉🎉🎉",
    "Blue rope: packed.\nTent: I'll tell Ines.\nTorch: ehm, yes, I have it 🔦",
    "شكرا سميرة، كانت رائعة!",
    "Tell your mother I'd love to come. Sunday?",
    "I liked the poem. Who wrote it?",
    "No signal for three days. I recommend it.",
    "Please keep the radio. Nobody should part with the water levels.",
    "I met a shepherd who knew your uncle. He asked whether he still plays the accordion, and when I said that I had no idea, he played a whole evening himself, so that I would have something to report.",
    "My boots are drying on your newspaper from March 😅",
    "8:12 is fine, I'll be at the front of the train.",
    "👀",
    "How did it go with the flat? Two boxes is heroic.",
    "I found a stone that looks exactly like a potato. It is for you.",
    "Need anything from the valley? Bread, cheese, honey, more stones?",
    "One more thing:\n\tthe hut keeper sends you the recipe,\n\tand says less salt this time.",
    "See you on Saturday ❤️",
];
