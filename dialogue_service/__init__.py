"""The Blender process: reads a conversation's history and answers with a question, an instruction or small talk."""
