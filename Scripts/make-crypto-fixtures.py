#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# Writes encrypted and signed frames made by other implementations (PyPI: gmssl, cryptography), the
# fixtures of FrameCryptographyTests. Keys are made here and used for nothing else.
#
#   .tools/venv/bin/pip install gmssl cryptography
#   .tools/venv/bin/python Scripts/make-crypto-fixtures.py
import json, os, pathlib

from cryptography.hazmat.primitives import hashes, padding as blockpad, serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gmssl import func, sm2, sm4

VIN = b"XTEST000000000943"
TIME = bytes.fromhex("1a030e091a35")
# A vehicle item of 2025 and a cell item with 24 cells.
UNIT = (TIME + bytes.fromhex("01010301" "01c8000badf81bc07a0237012eea60")
        + bytes.fromhex("0701010e1075300018") + b"".join((3300 + 7 * i).to_bytes(2, "big") for i in range(24)))


def frame(unit, encryption, command=2, start=b"$$"):
    body = bytes([command, 0xFE]) + VIN + bytes([encryption]) + len(unit).to_bytes(2, "big") + unit
    check = 0
    for byte in body:
        check ^= byte
    return (start + body + bytes([check])).hex()


def pkcs7(data):
    pad = blockpad.PKCS7(128).padder()
    return pad.update(data) + pad.finalize()


def zeros(data):
    return data + bytes(-len(data) % 16)


def run(algorithm, mode, data):
    encryptor = Cipher(algorithm, mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


key = bytes.fromhex("00112233445566778899aabbccddeeff")
vector = os.urandom(16)
nonce = os.urandom(12)
encrypted = []


def add(name, encryption, data, way, command=2, start="2025"):
    encrypted.append({"name": name, "frame": frame(data, encryption, command, b"$$" if start == "2025" else b"##"),
                      "way": way})


for code, label, algorithm in [(3, "aes-128", algorithms.AES), (5, "sm4", algorithms.SM4)]:
    a = algorithm(key)
    add(f"{label} cbc pkcs7, vector in front", code, vector + run(a, modes.CBC(vector), pkcs7(UNIT)),
        f"{label}-cbc iv=prefix pkcs7")
    add(f"{label} cbc pkcs7, vector is the key", code, run(a, modes.CBC(key), pkcs7(UNIT)), f"{label}-cbc iv=key pkcs7")
    add(f"{label} cbc pkcs7, vector zero", code, run(a, modes.CBC(bytes(16)), pkcs7(UNIT)), f"{label}-cbc iv=zero pkcs7")
    add(f"{label} cbc zero padding", code, run(a, modes.CBC(key), zeros(UNIT)), f"{label}-cbc iv=key zero-padded")
    add(f"{label} ecb pkcs7", code, run(a, modes.ECB(), pkcs7(UNIT)), f"{label}-ecb pkcs7")
    add(f"{label} ecb zero padding", code, run(a, modes.ECB(), zeros(UNIT)), f"{label}-ecb zero-padded")
    add(f"{label} ctr, vector in front", code, vector + run(a, modes.CTR(vector), UNIT), f"{label}-ctr iv=prefix")
    add(f"{label} ctr, vector is the key", code, run(a, modes.CTR(key), UNIT), f"{label}-ctr iv=key")
    add(f"{label} cfb, vector zero", code, run(a, modes.CFB(bytes(16)), UNIT), f"{label}-cfb iv=zero")
add("aes-128 gcm, nonce in front", 3, nonce + AESGCM(key).encrypt(nonce, UNIT, None), "aes-128-gcm iv=prefix")
# The same ciphers in another library.
crypt = sm4.CryptSM4()
crypt.set_key(key, sm4.SM4_ENCRYPT)
add("gmssl sm4 ecb pkcs7", 5, crypt.crypt_ecb(UNIT), "sm4-ecb pkcs7")
add("gmssl sm4 cbc pkcs7", 5, crypt.crypt_cbc(key, UNIT), "sm4-cbc iv=key pkcs7")

rsa_key = rsa.generate_private_key(65537, 2048)
rsa_public = rsa_key.public_key()


def blocks(pad, room):
    return b"".join(rsa_public.encrypt(UNIT[i:i + room], pad) for i in range(0, len(UNIT), room))


add("rsa pkcs1", 2, blocks(padding.PKCS1v15(), 245), "rsa-2048 pkcs1")
add("rsa pkcs1 in small blocks", 2, blocks(padding.PKCS1v15(), 40), "rsa-2048 pkcs1")
add("rsa oaep sha1", 2, blocks(padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None), 214), "rsa-2048 oaep")
add("rsa oaep sha256", 2, blocks(padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None), 190),
    "rsa-2048 oaep-sha256")

sm2_private = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8".lower()
sm2_public = ("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
              "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13").lower()
for mode, form in [(1, "c1c3c2"), (0, "c1c2c3")]:
    crypt = sm2.CryptSM2(private_key=sm2_private, public_key=sm2_public, mode=mode)
    text = crypt.encrypt(UNIT)
    add(f"gmssl sm2 {form}, no mark", 4, text, f"sm2 {form}")
    text = crypt.encrypt(UNIT)
    add(f"gmssl sm2 {form}, mark 04", 4, b"\x04" + text, f"sm2 {form}")

ec_key = ec.generate_private_key(ec.SECP256R1())
signed = []


def sign(name, algorithm, r, s, command=2, unit=UNIT, marker=b"\xff"):
    block = marker + bytes([algorithm]) + len(r).to_bytes(2, "big") + r + len(s).to_bytes(2, "big") + s
    signed.append({"name": name, "frame": frame(unit + block, 1, command)})


def pair(der):
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big"), s.to_bytes(32, "big")


crypt = sm2.CryptSM2(private_key=sm2_private, public_key=sm2_public)
signature = bytes.fromhex(crypt.sign_with_sm3(UNIT, func.random_hex(64)))
sign("gmssl sm2, usual identity", 1, signature[:32], signature[32:])
sign("gmssl sm2, both numbers in R", 1, signature, b"")
sign("rsa pkcs1 sha256", 2, rsa_key.sign(UNIT, padding.PKCS1v15(), hashes.SHA256()), b"")
sign("rsa pss sha256", 2, rsa_key.sign(UNIT, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()), b"")
der = ec_key.sign(UNIT, ec.ECDSA(hashes.SHA256()))
sign("ecc p-256 sha256", 3, *pair(der))
sign("ecc p-256 as ASN.1 in R", 3, der, b"")
point = bytes.fromhex(sm2_public)
request = TIME + b"CHIP000000000001" + (65).to_bytes(2, "big") + b"\x04" + point + VIN
signature = bytes.fromhex(crypt.sign_with_sm3(request, func.random_hex(64)))
sign("activation, sm2", 1, signature[:32], signature[32:], 9, request, b"")
number = rsa_public.public_numbers()
modulus = number.n.to_bytes(256, "big") + number.e.to_bytes(3, "big")
request = TIME + b"CHIP000000000001" + len(modulus).to_bytes(2, "big") + modulus + VIN
sign("activation, rsa", 2, rsa_key.sign(request, padding.PKCS1v15(), hashes.SHA256()), b"", 9, request, b"")

pem = ser.Encoding.PEM
fixtures = {
    "format": "anodyne-crypto-fixtures/1",
    "made_by": "Scripts/make-crypto-fixtures.py with gmssl and cryptography",
    "plain": frame(UNIT, 1), "key": key.hex(),
    "sm2_private": sm2_private, "sm2_public": sm2_public,
    "rsa_private": rsa_key.private_bytes(pem, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode(),
    "rsa_private_pkcs1": rsa_key.private_bytes(pem, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()).decode(),
    "rsa_public": rsa_public.public_bytes(pem, ser.PublicFormat.SubjectPublicKeyInfo).decode(),
    "rsa_public_pkcs1": rsa_public.public_bytes(pem, ser.PublicFormat.PKCS1).decode(),
    "rsa_public_der": rsa_public.public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo).hex(),
    "rsa_modulus": modulus.hex(),
    "ecc_private": ec_key.private_bytes(pem, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()).decode(),
    "ecc_public": ec_key.public_key().public_bytes(pem, ser.PublicFormat.SubjectPublicKeyInfo).decode(),
    "ecc_point": ec_key.public_key().public_bytes(ser.Encoding.X962, ser.PublicFormat.UncompressedPoint).hex(),
    "ecc_compressed": ec_key.public_key().public_bytes(ser.Encoding.X962, ser.PublicFormat.CompressedPoint).hex(),
    "encrypted": encrypted, "signed": signed,
}
target = pathlib.Path(__file__).parent.parent / "Tests/FrameCryptographyTests/Resources/frames.json"
target.write_text(json.dumps(fixtures, indent=1) + "\n")
print(f"{target.name}: {len(encrypted)} encrypted, {len(signed)} signed frames")
