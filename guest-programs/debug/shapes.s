	.text
	.attribute	4, 16
	.attribute	5, "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zmmul1p0"
	.file	"shapes.22f08bd9f3826c83-cgu.0"
	.section	.text._ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE,"ax",@progbits
	.p2align	1
	.type	_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE,@function
_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE:
.Lfunc_begin0:
	.file	1 "/usr/src/rustc-1.85.1/library/core/src/ops/function.rs"
	.loc	1 250 0
	.cfi_startproc
	addi	sp, sp, -32
	.cfi_def_cfa_offset 32
	sd	ra, 24(sp)
	.cfi_offset ra, -8
	sd	a0, 8(sp)
.Ltmp0:
	.loc	1 250 5 prologue_end
	ld	a0, 8(sp)
	call	_ZN6shapes5Point4norm17h13d3d07245a1b092E
	ld	ra, 24(sp)
	.loc	1 250 5 epilogue_begin is_stmt 0
	addi	sp, sp, 32
	ret
.Ltmp1:
.Lfunc_end0:
	.size	_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE, .Lfunc_end0-_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE
	.cfi_endproc

	.section	".text._ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E","ax",@progbits
	.p2align	1
	.type	_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E,@function
_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E:
.Lfunc_begin1:
	.file	2 "/usr/src/rustc-1.85.1/library/core/src/str/mod.rs"
	.loc	2 140 0 is_stmt 1
	.cfi_startproc
	addi	sp, sp, -32
	.cfi_def_cfa_offset 32
	sd	a1, 8(sp)
	mv	a1, a0
	ld	a0, 8(sp)
	sd	a1, 16(sp)
	sd	a0, 24(sp)
.Ltmp2:
	.loc	2 142 6 prologue_end epilogue_begin
	addi	sp, sp, 32
	ret
.Ltmp3:
.Lfunc_end1:
	.size	_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E, .Lfunc_end1-_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E
	.cfi_endproc

	.section	".text._ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE","ax",@progbits
	.globl	_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE
	.p2align	1
	.type	_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE,@function
_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE:
.Lfunc_begin2:
	.file	3 "/usr/src/rustc-1.85.1/library/core/src/option.rs"
	.loc	3 1173 0
	.cfi_startproc
	addi	sp, sp, -64
	.cfi_def_cfa_offset 64
	sd	ra, 56(sp)
	.cfi_offset ra, -8
	mv	a2, a1
	sd	a2, 0(sp)
	sd	a0, 8(sp)
	sw	a1, 24(sp)
	li	a0, 1
.Ltmp4:
	.loc	3 1177 15 prologue_end
	sb	a0, 23(sp)
	ld	a0, 8(sp)
	.loc	3 1177 9 is_stmt 0
	bnez	a0, .LBB2_2
	j	.LBB2_1
.LBB2_1:
	.loc	3 0 9
	ld	a0, 0(sp)
	li	a1, 0
	.loc	3 1179 21 is_stmt 1
	sb	a1, 23(sp)
	sw	a0, 16(sp)
	.loc	3 1181 5
	j	.LBB2_3
.LBB2_2:
	.loc	3 1178 18
	ld	a0, 8(sp)
	sd	a0, 32(sp)
.Ltmp5:
	.loc	3 1178 24 is_stmt 0
	call	_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE
	sw	a0, 16(sp)
	j	.LBB2_4
.Ltmp6:
.LBB2_3:
	.loc	3 1181 6 is_stmt 1
	lw	a0, 16(sp)
	ld	ra, 56(sp)
	.loc	3 1181 6 epilogue_begin is_stmt 0
	addi	sp, sp, 64
	ret
.LBB2_4:
	.loc	3 1181 5
	lbu	a0, 23(sp)
	andi	a0, a0, 1
	beqz	a0, .LBB2_3
	j	.LBB2_5
.LBB2_5:
	j	.LBB2_3
.Ltmp7:
.Lfunc_end2:
	.size	_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE, .Lfunc_end2-_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE
	.cfi_endproc

	.section	".text._ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE","ax",@progbits
	.globl	_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE
	.p2align	1
	.type	_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE,@function
_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE:
.Lfunc_begin3:
	.loc	3 998 0 is_stmt 1
	.cfi_startproc
	addi	sp, sp, -32
	.cfi_def_cfa_offset 32
	mv	a3, a2
	sd	a3, 0(sp)
	sw	a0, 12(sp)
	sw	a1, 16(sp)
	sw	a2, 24(sp)
.Ltmp8:
	.loc	3 999 15 prologue_end
	lw	a0, 12(sp)
	.loc	3 999 9 is_stmt 0
	bnez	a0, .LBB3_2
	j	.LBB3_1
.LBB3_1:
	.loc	3 0 9
	ld	a0, 0(sp)
	.loc	3 1001 21 is_stmt 1
	sw	a0, 20(sp)
	j	.LBB3_3
.LBB3_2:
	.loc	3 1000 18
	lw	a0, 16(sp)
	sw	a0, 28(sp)
.Ltmp9:
	.loc	3 1000 24 is_stmt 0
	sw	a0, 20(sp)
.Ltmp10:
	.loc	3 1003 5 is_stmt 1
	j	.LBB3_3
.LBB3_3:
	.loc	3 1003 6 is_stmt 0
	lw	a0, 20(sp)
	.loc	3 1003 6 epilogue_begin
	addi	sp, sp, 32
	ret
.Ltmp11:
.Lfunc_end3:
	.size	_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE, .Lfunc_end3-_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE
	.cfi_endproc

	.section	".text._ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE","ax",@progbits
	.p2align	1
	.type	_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE,@function
_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE:
.Lfunc_begin4:
	.file	4 "/usr/src/rustc-1.85.1/library/core/src/internal_macros.rs"
	.loc	4 46 0 is_stmt 1
	.cfi_startproc
	addi	sp, sp, -16
	.cfi_def_cfa_offset 16
	fsd	fa0, 0(sp)
	sd	a0, 8(sp)
.Ltmp12:
	.loc	4 47 37 prologue_end
	fld	fa5, 0(a0)
.Ltmp13:
	.file	5 "/usr/src/rustc-1.85.1/library/core/src/ops/arith.rs"
	.loc	5 355 45
	fmul.d	fa0, fa0, fa5
.Ltmp14:
	.loc	4 48 14 epilogue_begin
	addi	sp, sp, 16
	ret
.Ltmp15:
.Lfunc_end4:
	.size	_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE, .Lfunc_end4-_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE
	.cfi_endproc

	.section	.text._ZN6shapes5Point4norm17h13d3d07245a1b092E,"ax",@progbits
	.globl	_ZN6shapes5Point4norm17h13d3d07245a1b092E
	.p2align	1
	.type	_ZN6shapes5Point4norm17h13d3d07245a1b092E,@function
_ZN6shapes5Point4norm17h13d3d07245a1b092E:
.Lfunc_begin5:
	.file	6 "guest-programs/debug/shapes.rs"
	.loc	6 19 0
	.cfi_startproc
	addi	sp, sp, -32
	.cfi_def_cfa_offset 32
	mv	a1, a0
	sd	a1, 8(sp)
.Ltmp16:
	.loc	6 20 9 prologue_end
	lw	a0, 0(a1)
	sw	a0, 24(sp)
	sw	a0, 28(sp)
.Ltmp17:
	.file	7 "/usr/src/rustc-1.85.1/library/core/src/num/int_macros.rs"
	.loc	7 1972 13
	mulw	a0, a0, a0
.Ltmp18:
	.loc	6 20 50
	lw	a1, 4(a1)
	sw	a0, 16(sp)
	sw	a1, 20(sp)
.Ltmp19:
	.loc	7 1892 13
	addw	a0, a0, a1
.Ltmp20:
	.loc	6 21 6 epilogue_begin
	addi	sp, sp, 32
	ret
.Ltmp21:
.Lfunc_end5:
	.size	_ZN6shapes5Point4norm17h13d3d07245a1b092E, .Lfunc_end5-_ZN6shapes5Point4norm17h13d3d07245a1b092E
	.cfi_endproc

	.section	.srodata.cst8,"aM",@progbits,8
	.p2align	3, 0x0
.LCPI6_0:
	.quad	0x4008000000000000
	.section	.text._ZN6shapes3geo4area17h4df0dfbcc7006cc5E,"ax",@progbits
	.globl	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E
	.p2align	1
	.type	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E,@function
_ZN6shapes3geo4area17h4df0dfbcc7006cc5E:
.Lfunc_begin6:
	.loc	6 28 0
	.cfi_startproc
	addi	sp, sp, -80
	.cfi_def_cfa_offset 80
	sd	ra, 72(sp)
	.cfi_offset ra, -8
	sd	a0, 16(sp)
	sd	a0, 40(sp)
.Ltmp22:
	.loc	6 29 15 prologue_end
	lwu	a0, 0(a0)
	sd	a0, 24(sp)
	.loc	6 29 9 is_stmt 0
	beqz	a0, .LBB6_4
	j	.LBB6_1
.LBB6_1:
	.loc	6 0 9
	ld	a0, 24(sp)
	li	a1, 1
	.loc	6 29 9
	beq	a0, a1, .LBB6_5
	j	.LBB6_2
.LBB6_2:
	j	.LBB6_6
	.loc	6 29 15
	unimp
.LBB6_4:
	.loc	6 0 15
	ld	a0, 16(sp)
	.loc	6 30 27 is_stmt 1
	addi	a0, a0, 8
	sd	a0, 0(sp)
	sd	a0, 48(sp)
.Lpcrel_hi0:
.Ltmp23:
	.loc	6 30 33 is_stmt 0
	auipc	a1, %pcrel_hi(.L__unnamed_1)
	addi	a1, a1, %pcrel_lo(.Lpcrel_hi0)
	sd	a1, 8(sp)
.Lpcrel_hi1:
	auipc	a2, %pcrel_hi(.LCPI6_0)
	addi	a2, a2, %pcrel_lo(.Lpcrel_hi1)
	fld	fa0, 0(a2)
	call	_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE
	ld	a0, 0(sp)
	ld	a1, 8(sp)
	call	_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE
	fsd	fa0, 32(sp)
	j	.LBB6_7
.Ltmp24:
.LBB6_5:
	.loc	6 0 33
	ld	a0, 16(sp)
	.loc	6 31 27 is_stmt 1
	addi	a1, a0, 4
	sd	a1, 56(sp)
	.loc	6 31 30 is_stmt 0
	addi	a1, a0, 8
	sd	a1, 64(sp)
.Ltmp25:
	.loc	6 31 37
	lwu	a1, 4(a0)
	fcvt.d.wu	fa5, a1
	.loc	6 31 49
	lwu	a0, 8(a0)
	fcvt.d.wu	fa4, a0
	.loc	6 31 37
	fmul.d	fa5, fa5, fa4
	fsd	fa5, 32(sp)
.Ltmp26:
	.loc	6 31 57
	j	.LBB6_7
.LBB6_6:
	.loc	6 0 57
	li	a0, 0
	.loc	6 32 29 is_stmt 1
	sd	a0, 32(sp)
	j	.LBB6_7
.LBB6_7:
	.loc	6 34 6
	fld	fa0, 32(sp)
	ld	ra, 72(sp)
	.loc	6 34 6 epilogue_begin is_stmt 0
	addi	sp, sp, 80
	ret
.Ltmp27:
.Lfunc_end6:
	.size	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E, .Lfunc_end6-_ZN6shapes3geo4area17h4df0dfbcc7006cc5E
	.cfi_endproc

	.section	.text._ZN6shapes5first17h02e890546a6a3b7fE,"ax",@progbits
	.globl	_ZN6shapes5first17h02e890546a6a3b7fE
	.p2align	1
	.type	_ZN6shapes5first17h02e890546a6a3b7fE,@function
_ZN6shapes5first17h02e890546a6a3b7fE:
.Lfunc_begin7:
	.loc	6 38 0 is_stmt 1
	.cfi_startproc
	addi	sp, sp, -64
	.cfi_def_cfa_offset 64
	sd	a0, 8(sp)
	mv	a3, a2
	sd	a3, 16(sp)
	sd	a0, 32(sp)
	sd	a1, 40(sp)
	sw	a2, 52(sp)
.Ltmp28:
	.loc	6 39 12 prologue_end
	bnez	a1, .LBB7_2
	j	.LBB7_1
.Ltmp29:
.LBB7_1:
	.loc	6 0 12 is_stmt 0
	ld	a0, 16(sp)
	.loc	6 39 50
	sw	a0, 28(sp)
	.loc	6 39 5
	j	.LBB7_3
.LBB7_2:
	.loc	6 0 5
	ld	a0, 8(sp)
.Ltmp30:
	.loc	6 39 13
	sd	a0, 56(sp)
	.loc	6 39 34
	lw	a0, 0(a0)
	sw	a0, 28(sp)
.Ltmp31:
	.loc	6 39 5
	j	.LBB7_3
.LBB7_3:
	.loc	6 40 2 is_stmt 1
	lw	a0, 28(sp)
	.loc	6 40 2 epilogue_begin is_stmt 0
	addi	sp, sp, 64
	ret
.Ltmp32:
.Lfunc_end7:
	.size	_ZN6shapes5first17h02e890546a6a3b7fE, .Lfunc_end7-_ZN6shapes5first17h02e890546a6a3b7fE
	.cfi_endproc

	.section	.text.main,"ax",@progbits
	.globl	main
	.p2align	1
	.type	main,@function
main:
.Lfunc_begin8:
	.loc	6 43 0 is_stmt 1
	.cfi_startproc
	addi	sp, sp, -336
	.cfi_def_cfa_offset 336
	sd	ra, 328(sp)
	.cfi_offset ra, -8
.Lpcrel_hi2:
.Ltmp33:
	.loc	6 45 9 prologue_end
	auipc	a0, %pcrel_hi(.L__unnamed_2)
	addi	a0, a0, %pcrel_lo(.Lpcrel_hi2)
	sd	a0, 80(sp)
	sd	a0, 256(sp)
	li	a6, 5
	sd	a6, 72(sp)
	sd	a6, 264(sp)
	li	a0, 2047
	slli	a0, a0, 51
.Ltmp34:
	.loc	6 44 19
	sd	a0, 168(sp)
	li	a5, 0
	sd	a5, 88(sp)
	sw	a5, 160(sp)
	li	a3, 2
	.loc	6 44 39 is_stmt 0
	sw	a3, 180(sp)
	li	a0, 3
	sd	a0, 40(sp)
	sw	a0, 184(sp)
	li	a4, 1
	sw	a4, 176(sp)
	.loc	6 44 67
	sw	a3, 192(sp)
	.loc	6 44 18
	ld	a1, 168(sp)
	sd	a1, 120(sp)
	ld	a1, 160(sp)
	sd	a1, 112(sp)
	addi	a2, sp, 128
	sd	a2, 0(sp)
	ld	a1, 184(sp)
	sd	a1, 136(sp)
	ld	a1, 176(sp)
	sd	a1, 128(sp)
	addi	a1, sp, 144
	sd	a1, 8(sp)
	ld	a7, 200(sp)
	sd	a7, 152(sp)
	ld	a7, 192(sp)
	sd	a7, 144(sp)
.Ltmp35:
	.loc	6 46 29 is_stmt 1
	sw	a6, 212(sp)
	sw	a4, 208(sp)
.Ltmp36:
	.loc	6 47 32
	sd	a5, 216(sp)
.Ltmp37:
	.loc	6 48 13
	sw	a0, 228(sp)
	li	a5, -4
	sw	a5, 232(sp)
.Ltmp38:
	.loc	6 49 17
	sb	a4, 240(sp)
	li	a5, 99
	sw	a5, 236(sp)
	sb	a4, 241(sp)
.Ltmp39:
	.loc	6 50 17
	sw	a4, 244(sp)
	sw	a3, 248(sp)
	sw	a0, 252(sp)
	addi	a3, sp, 244
	sd	a3, 32(sp)
.Ltmp40:
	.loc	6 51 25
	sd	a3, 272(sp)
	sd	a0, 280(sp)
	addi	a0, sp, 112
.Ltmp41:
	.loc	6 52 10
	sd	a0, 288(sp)
	.loc	6 52 13 is_stmt 0
	sd	a2, 296(sp)
	.loc	6 52 16
	sd	a1, 304(sp)
.Ltmp42:
	.loc	6 53 15 is_stmt 1
	call	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E
	ld	a0, 0(sp)
	fsd	fa0, 16(sp)
	.loc	6 53 30 is_stmt 0
	call	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E
	ld	a0, 8(sp)
	fmv.d	fa5, fa0
	fld	fa0, 16(sp)
	.loc	6 53 15
	fadd.d	fa5, fa0, fa5
	fsd	fa5, 24(sp)
	.loc	6 53 45
	call	_ZN6shapes3geo4area17h4df0dfbcc7006cc5E
	fld	fa5, 24(sp)
	ld	a0, 32(sp)
	ld	a1, 40(sp)
	.loc	6 53 15
	fadd.d	fa5, fa5, fa0
	fsd	fa5, 48(sp)
	fsd	fa5, 312(sp)
	li	a2, 7
.Ltmp43:
	.loc	6 54 15 is_stmt 1
	call	_ZN6shapes5first17h02e890546a6a3b7fE
	sd	a0, 56(sp)
	addi	a0, sp, 228
	.loc	6 54 33 is_stmt 0
	call	_ZN6shapes5Point4norm17h13d3d07245a1b092E
	fld	fa5, 48(sp)
	ld	a2, 88(sp)
	mv	a1, a0
	ld	a0, 56(sp)
	.loc	6 54 15
	addw	a0, a0, a1
	.loc	6 54 44
	fcvt.w.d	a3, fa5, rtz
	feq.d	a1, fa5, fa5
	seqz	a1, a1
	addiw	a1, a1, -1
	and	a1, a1, a3
	.loc	6 54 15
	addw	a0, a0, a1
	.loc	6 54 57
	lbu	a1, 240(sp)
	.loc	6 54 15
	addw	a0, a0, a1
	sd	a0, 64(sp)
	sw	a0, 324(sp)
.Ltmp44:
	.loc	6 55 11 is_stmt 1
	lw	a1, 212(sp)
	lw	a0, 208(sp)
	call	_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE
	ld	a2, 64(sp)
	ld	a1, 72(sp)
	mv	a3, a0
	ld	a0, 80(sp)
	.loc	6 55 5 is_stmt 0
	addw	a2, a2, a3
	sd	a2, 96(sp)
	.loc	6 55 31
	call	_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E
	ld	a1, 88(sp)
	mv	a2, a0
	ld	a0, 96(sp)
	.loc	6 55 5
	addw	a0, a0, a2
	sd	a0, 104(sp)
	.loc	6 55 52
	ld	a0, 216(sp)
	call	_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE
	mv	a1, a0
	ld	a0, 104(sp)
	.loc	6 55 5
	subw	a0, a0, a1
	ld	ra, 328(sp)
.Ltmp45:
	.loc	6 56 2 epilogue_begin is_stmt 1
	addi	sp, sp, 336
	ret
.Ltmp46:
.Lfunc_end8:
	.size	main, .Lfunc_end8-main
	.cfi_endproc

	.type	.L__unnamed_3,@object
	.section	.rodata..L__unnamed_3,"a",@progbits
.L__unnamed_3:
	.ascii	"guest-programs/debug/shapes.rs"
	.size	.L__unnamed_3, 30

	.type	.L__unnamed_1,@object
	.section	.data.rel.ro..L__unnamed_1,"aw",@progbits
	.p2align	3, 0x0
.L__unnamed_1:
	.quad	.L__unnamed_3
	.asciz	"\036\000\000\000\000\000\000\000\036\000\000\000!\000\000"
	.size	.L__unnamed_1, 24

	.type	.L__unnamed_2,@object
	.section	.rodata..L__unnamed_2,"a",@progbits
.L__unnamed_2:
	.ascii	"label"
	.size	.L__unnamed_2, 5

	.section	.debug_abbrev,"",@progbits
	.byte	1
	.byte	17
	.byte	1
	.byte	37
	.byte	14
	.byte	19
	.byte	5
	.byte	3
	.byte	14
	.byte	16
	.byte	23
	.byte	27
	.byte	14
	.byte	17
	.byte	1
	.byte	85
	.byte	23
	.byte	0
	.byte	0
	.byte	2
	.byte	57
	.byte	1
	.byte	3
	.byte	14
	.byte	0
	.byte	0
	.byte	3
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	4
	.byte	5
	.byte	0
	.byte	2
	.byte	24
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	5
	.byte	47
	.byte	0
	.byte	73
	.byte	19
	.byte	3
	.byte	14
	.byte	0
	.byte	0
	.byte	6
	.byte	46
	.byte	0
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	32
	.byte	11
	.byte	0
	.byte	0
	.byte	7
	.byte	5
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	8
	.byte	29
	.byte	0
	.byte	49
	.byte	19
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	9
	.byte	19
	.byte	1
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	50
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	10
	.byte	51
	.byte	1
	.byte	21
	.byte	19
	.byte	0
	.byte	0
	.byte	11
	.byte	13
	.byte	0
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	52
	.byte	25
	.byte	0
	.byte	0
	.byte	12
	.byte	25
	.byte	1
	.byte	22
	.byte	11
	.byte	0
	.byte	0
	.byte	13
	.byte	13
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	0
	.byte	0
	.byte	14
	.byte	25
	.byte	1
	.byte	0
	.byte	0
	.byte	15
	.byte	13
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	50
	.byte	11
	.byte	0
	.byte	0
	.byte	16
	.byte	46
	.byte	1
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	60
	.byte	25
	.byte	0
	.byte	0
	.byte	17
	.byte	5
	.byte	0
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	18
	.byte	46
	.byte	1
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	32
	.byte	11
	.byte	0
	.byte	0
	.byte	19
	.byte	5
	.byte	0
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	20
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	62
	.byte	11
	.byte	11
	.byte	11
	.byte	0
	.byte	0
	.byte	21
	.byte	15
	.byte	0
	.byte	73
	.byte	19
	.byte	3
	.byte	14
	.byte	51
	.byte	6
	.byte	0
	.byte	0
	.byte	22
	.byte	46
	.byte	1
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	60
	.byte	25
	.byte	63
	.byte	25
	.byte	0
	.byte	0
	.byte	23
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	63
	.byte	25
	.byte	0
	.byte	0
	.byte	24
	.byte	11
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	0
	.byte	0
	.byte	25
	.byte	52
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.ascii	"\210\001"
	.byte	15
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	26
	.byte	11
	.byte	1
	.byte	85
	.byte	23
	.byte	0
	.byte	0
	.byte	27
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	63
	.byte	25
	.byte	0
	.byte	0
	.byte	28
	.byte	52
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	29
	.byte	19
	.byte	0
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	50
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	30
	.byte	21
	.byte	1
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	31
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	71
	.byte	19
	.byte	0
	.byte	0
	.byte	32
	.byte	5
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	33
	.byte	52
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.ascii	"\210\001"
	.byte	15
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	34
	.byte	52
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	35
	.byte	29
	.byte	1
	.byte	49
	.byte	19
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	36
	.byte	5
	.byte	0
	.byte	2
	.byte	24
	.byte	49
	.byte	19
	.byte	0
	.byte	0
	.byte	37
	.byte	19
	.byte	1
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	38
	.byte	15
	.byte	0
	.byte	73
	.byte	19
	.byte	51
	.byte	6
	.byte	0
	.byte	0
	.byte	39
	.byte	1
	.byte	1
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	40
	.byte	33
	.byte	0
	.byte	73
	.byte	19
	.byte	34
	.byte	13
	.byte	55
	.byte	11
	.byte	0
	.byte	0
	.byte	41
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	62
	.byte	11
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.word	.Ldebug_info_end0-.Ldebug_info_start0
.Ldebug_info_start0:
	.half	4
	.word	.debug_abbrev
	.byte	8
	.byte	1
	.word	.Linfo_string0
	.half	28
	.word	.Linfo_string1
	.word	.Lline_table_start0
	.word	.Linfo_string2
	.quad	0
	.word	.Ldebug_ranges3
	.byte	2
	.word	.Linfo_string3
	.byte	2
	.word	.Linfo_string4
	.byte	2
	.word	.Linfo_string5
	.byte	2
	.word	.Linfo_string6
	.byte	3
	.quad	.Lfunc_begin0
	.word	.Lfunc_end0-.Lfunc_begin0
	.byte	1
	.byte	82
	.word	.Linfo_string51
	.word	.Linfo_string52
	.byte	1
	.byte	250
	.word	1480
	.byte	4
	.byte	2
	.byte	145
	.byte	23
	.byte	1
	.byte	250
	.word	1487
	.byte	4
	.byte	2
	.byte	145
	.byte	8
	.byte	1
	.byte	250
	.word	1843
	.byte	5
	.word	1487
	.word	.Linfo_string48
	.byte	5
	.word	1843
	.word	.Linfo_string50
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.word	.Linfo_string31
	.byte	2
	.word	.Linfo_string32
	.byte	6
	.word	.Linfo_string33
	.word	.Linfo_string34
	.byte	5
	.half	355
	.word	1728
	.byte	1
	.byte	0
	.byte	2
	.word	.Linfo_string36
	.byte	3
	.quad	.Lfunc_begin4
	.word	.Lfunc_end4-.Lfunc_begin4
	.byte	1
	.byte	82
	.word	.Linfo_string56
	.word	.Linfo_string34
	.byte	4
	.byte	46
	.word	1728
	.byte	7
	.byte	2
	.byte	145
	.byte	0
	.word	.Linfo_string41
	.byte	4
	.byte	46
	.word	1728
	.byte	7
	.byte	2
	.byte	145
	.byte	8
	.word	.Linfo_string69
	.byte	4
	.byte	46
	.word	1915
	.byte	8
	.word	142
	.quad	.Ltmp13
	.word	.Ltmp14-.Ltmp13
	.byte	4
	.byte	47
	.byte	17
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.word	.Linfo_string7
	.byte	2
	.word	.Linfo_string8
	.byte	3
	.quad	.Lfunc_begin1
	.word	.Lfunc_end1-.Lfunc_begin1
	.byte	1
	.byte	82
	.word	.Linfo_string53
	.word	.Linfo_string54
	.byte	2
	.byte	140
	.word	1862
	.byte	7
	.byte	2
	.byte	145
	.byte	16
	.word	.Linfo_string41
	.byte	2
	.byte	140
	.word	1869
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.word	.Linfo_string9
	.byte	9
	.word	.Linfo_string21
	.byte	8
	.byte	1
	.byte	8
	.byte	10
	.word	320
	.byte	11
	.word	695
	.byte	8
	.byte	0

	.byte	12
	.byte	0
	.byte	13
	.word	.Linfo_string11
	.word	355
	.byte	8
	.byte	0
	.byte	0
	.byte	14
	.byte	13
	.word	.Linfo_string19
	.word	373
	.byte	8
	.byte	0
	.byte	0
	.byte	0
	.byte	9
	.word	.Linfo_string11
	.byte	8
	.byte	1
	.byte	8
	.byte	5
	.word	702
	.word	.Linfo_string18
	.byte	0
	.byte	9
	.word	.Linfo_string19
	.byte	8
	.byte	1
	.byte	8
	.byte	5
	.word	702
	.word	.Linfo_string18
	.byte	15
	.word	.Linfo_string20
	.word	702
	.byte	8
	.byte	0
	.byte	1
	.byte	0
	.byte	16
	.word	.Linfo_string25
	.word	.Linfo_string26
	.byte	3
	.half	1173
	.word	1480

	.byte	5
	.word	702
	.word	.Linfo_string18
	.byte	5
	.word	1480
	.word	.Linfo_string22
	.byte	5
	.word	1487
	.word	.Linfo_string24
	.byte	17
	.word	307
	.byte	17
	.word	1480
	.byte	17
	.word	1487
	.byte	0
	.byte	0
	.byte	9
	.word	.Linfo_string28
	.byte	8
	.byte	1
	.byte	4
	.byte	10
	.word	476
	.byte	11
	.word	1633
	.byte	4
	.byte	0

	.byte	12
	.byte	0
	.byte	13
	.word	.Linfo_string11
	.word	512
	.byte	4
	.byte	0
	.byte	0
	.byte	12
	.byte	1
	.byte	13
	.word	.Linfo_string19
	.word	530
	.byte	4
	.byte	0
	.byte	0
	.byte	0
	.byte	9
	.word	.Linfo_string11
	.byte	8
	.byte	1
	.byte	4
	.byte	5
	.word	1480
	.word	.Linfo_string18
	.byte	0
	.byte	9
	.word	.Linfo_string19
	.byte	8
	.byte	1
	.byte	4
	.byte	5
	.word	1480
	.word	.Linfo_string18
	.byte	15
	.word	.Linfo_string20
	.word	1480
	.byte	4
	.byte	4
	.byte	1
	.byte	0
	.byte	16
	.word	.Linfo_string29
	.word	.Linfo_string30
	.byte	3
	.half	998
	.word	1480

	.byte	5
	.word	1480
	.word	.Linfo_string18
	.byte	17
	.word	463
	.byte	17
	.word	1480
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.word	.Linfo_string37
	.byte	2
	.word	.Linfo_string38
	.byte	18
	.word	.Linfo_string39
	.word	.Linfo_string40
	.byte	7
	.half	1971
	.word	1480
	.byte	1
	.byte	19
	.word	.Linfo_string41
	.byte	7
	.half	1971
	.word	1480
	.byte	19
	.word	.Linfo_string42
	.byte	7
	.half	1971
	.word	1480
	.byte	0
	.byte	18
	.word	.Linfo_string43
	.word	.Linfo_string44
	.byte	7
	.half	1891
	.word	1480
	.byte	1
	.byte	19
	.word	.Linfo_string41
	.byte	7
	.half	1891
	.word	1480
	.byte	19
	.word	.Linfo_string42
	.byte	7
	.half	1891
	.word	1480
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	20
	.word	.Linfo_string10
	.byte	7
	.byte	8
	.byte	21
	.word	720
	.word	.Linfo_string17
	.word	0
	.byte	2
	.word	.Linfo_string12
	.byte	9
	.word	.Linfo_string16
	.byte	8
	.byte	1
	.byte	4
	.byte	15
	.word	.Linfo_string13
	.word	1480
	.byte	4
	.byte	0
	.byte	1
	.byte	15
	.word	.Linfo_string15
	.word	1480
	.byte	4
	.byte	4
	.byte	1
	.byte	22
	.word	.Linfo_string45
	.word	.Linfo_string46
	.byte	6
	.byte	19
	.word	1480


	.byte	17
	.word	702
	.byte	0
	.byte	0
	.byte	2
	.word	.Linfo_string47
	.byte	23
	.quad	.Lfunc_begin6
	.word	.Lfunc_end6-.Lfunc_begin6
	.byte	1
	.byte	82
	.word	.Linfo_string57
	.word	.Linfo_string58
	.byte	6
	.byte	28
	.word	1728

	.byte	7
	.byte	2
	.byte	145
	.byte	40
	.word	.Linfo_string71
	.byte	6
	.byte	28
	.word	1928
	.byte	24
	.quad	.Ltmp23
	.word	.Ltmp24-.Ltmp23
	.byte	25
	.byte	2
	.byte	145
	.byte	48
	.word	.Linfo_string79
	.byte	1
	.byte	6
	.byte	30
	.word	1915
	.byte	0
	.byte	24
	.quad	.Ltmp25
	.word	.Ltmp26-.Ltmp25
	.byte	25
	.byte	2
	.byte	145
	.byte	56
	.word	.Linfo_string74
	.byte	1
	.byte	6
	.byte	31
	.word	1941
	.byte	25
	.byte	3
	.byte	145
	.asciz	"\300"
	.word	.Linfo_string75
	.byte	1
	.byte	6
	.byte	31
	.word	1941
	.byte	0
	.byte	0
	.byte	0
	.byte	3
	.quad	.Lfunc_begin7
	.word	.Lfunc_end7-.Lfunc_begin7
	.byte	1
	.byte	82
	.word	.Linfo_string59
	.word	.Linfo_string60
	.byte	6
	.byte	38
	.word	1480
	.byte	7
	.byte	2
	.byte	145
	.byte	32
	.word	.Linfo_string81
	.byte	6
	.byte	38
	.word	1954
	.byte	7
	.byte	2
	.byte	145
	.byte	52
	.word	.Linfo_string69
	.byte	6
	.byte	38
	.word	1480
	.byte	26
	.word	.Ldebug_ranges0
	.byte	25
	.byte	2
	.byte	145
	.byte	56
	.word	.Linfo_string83
	.byte	1
	.byte	6
	.byte	39
	.word	1993
	.byte	0
	.byte	5
	.word	1480
	.word	.Linfo_string18
	.byte	0
	.byte	27
	.quad	.Lfunc_begin8
	.word	.Lfunc_end8-.Lfunc_begin8
	.byte	1
	.byte	82
	.word	.Linfo_string61
	.byte	6
	.byte	43
	.word	1480

	.byte	26
	.word	.Ldebug_ranges1
	.byte	25
	.byte	3
	.byte	145
	.asciz	"\360"
	.word	.Linfo_string12
	.byte	1
	.byte	6
	.byte	44
	.word	2006
	.byte	26
	.word	.Ldebug_ranges2
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\200\002"
	.word	.Linfo_string96
	.byte	1
	.byte	6
	.byte	45
	.word	1869
	.byte	24
	.quad	.Ltmp36
	.word	.Ltmp45-.Ltmp36
	.byte	28
	.byte	3
	.byte	145
	.ascii	"\320\001"
	.word	.Linfo_string86
	.byte	6
	.byte	46
	.word	463
	.byte	24
	.quad	.Ltmp37
	.word	.Ltmp45-.Ltmp37
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\330\001"
	.word	.Linfo_string87
	.byte	1
	.byte	6
	.byte	47
	.word	307
	.byte	24
	.quad	.Ltmp38
	.word	.Ltmp45-.Ltmp38
	.byte	28
	.byte	3
	.byte	145
	.ascii	"\344\001"
	.word	.Linfo_string88
	.byte	6
	.byte	48
	.word	720
	.byte	24
	.quad	.Ltmp39
	.word	.Ltmp45-.Ltmp39
	.byte	28
	.byte	3
	.byte	145
	.ascii	"\354\001"
	.word	.Linfo_string89
	.byte	6
	.byte	49
	.word	2026
	.byte	24
	.quad	.Ltmp40
	.word	.Ltmp45-.Ltmp40
	.byte	28
	.byte	3
	.byte	145
	.ascii	"\364\001"
	.word	.Linfo_string95
	.byte	6
	.byte	50
	.word	2081
	.byte	24
	.quad	.Ltmp41
	.word	.Ltmp45-.Ltmp41
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\220\002"
	.word	.Linfo_string81
	.byte	1
	.byte	6
	.byte	51
	.word	1954
	.byte	24
	.quad	.Ltmp42
	.word	.Ltmp45-.Ltmp42
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\240\002"
	.word	.Linfo_string97
	.byte	1
	.byte	6
	.byte	52
	.word	1928
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\250\002"
	.word	.Linfo_string98
	.byte	1
	.byte	6
	.byte	52
	.word	1928
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\260\002"
	.word	.Linfo_string99
	.byte	1
	.byte	6
	.byte	52
	.word	1928
	.byte	24
	.quad	.Ltmp43
	.word	.Ltmp45-.Ltmp43
	.byte	25
	.byte	3
	.byte	145
	.ascii	"\270\002"
	.word	.Linfo_string100
	.byte	1
	.byte	6
	.byte	53
	.word	1728
	.byte	24
	.quad	.Ltmp44
	.word	.Ltmp45-.Ltmp44
	.byte	28
	.byte	3
	.byte	145
	.ascii	"\304\002"
	.word	.Linfo_string101
	.byte	6
	.byte	54
	.word	1480
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	9
	.word	.Linfo_string77
	.byte	16
	.byte	1
	.byte	8
	.byte	10
	.word	1366
	.byte	11
	.word	1633
	.byte	4
	.byte	0

	.byte	12
	.byte	0
	.byte	13
	.word	.Linfo_string72
	.word	1416
	.byte	8
	.byte	0
	.byte	0
	.byte	12
	.byte	1
	.byte	13
	.word	.Linfo_string73
	.word	1437
	.byte	8
	.byte	0
	.byte	0
	.byte	12
	.byte	2
	.byte	13
	.word	.Linfo_string76
	.word	1470
	.byte	8
	.byte	0
	.byte	0
	.byte	0
	.byte	9
	.word	.Linfo_string72
	.byte	16
	.byte	1
	.byte	8
	.byte	15
	.word	.Linfo_string20
	.word	1728
	.byte	8
	.byte	8
	.byte	1
	.byte	0
	.byte	9
	.word	.Linfo_string73
	.byte	16
	.byte	1
	.byte	8
	.byte	15
	.word	.Linfo_string74
	.word	1633
	.byte	4
	.byte	4
	.byte	1
	.byte	15
	.word	.Linfo_string75
	.word	1633
	.byte	4
	.byte	8
	.byte	1
	.byte	0
	.byte	29
	.word	.Linfo_string76
	.byte	16
	.byte	1
	.byte	8
	.byte	0
	.byte	0
	.byte	20
	.word	.Linfo_string14
	.byte	5
	.byte	4
	.byte	21
	.word	1500
	.word	.Linfo_string23
	.word	0
	.byte	30
	.word	1480
	.byte	17
	.word	702
	.byte	0
	.byte	31
	.quad	.Lfunc_begin2
	.word	.Lfunc_end2-.Lfunc_begin2
	.byte	1
	.byte	82
	.word	403
	.byte	32
	.byte	2
	.byte	145
	.byte	8
	.word	.Linfo_string41
	.byte	3
	.half	1173
	.word	307
	.byte	32
	.byte	2
	.byte	145
	.byte	24
	.word	.Linfo_string66
	.byte	3
	.half	1173
	.word	1480
	.byte	32
	.byte	2
	.byte	145
	.byte	31
	.word	.Linfo_string67
	.byte	3
	.half	1173
	.word	1487
	.byte	24
	.quad	.Ltmp5
	.word	.Ltmp6-.Ltmp5
	.byte	33
	.byte	2
	.byte	145
	.byte	32
	.word	.Linfo_string68
	.byte	1
	.byte	3
	.half	1178
	.word	702
	.byte	0
	.byte	5
	.word	702
	.word	.Linfo_string18
	.byte	5
	.word	1480
	.word	.Linfo_string22
	.byte	5
	.word	1487
	.word	.Linfo_string24
	.byte	0
	.byte	20
	.word	.Linfo_string27
	.byte	7
	.byte	4
	.byte	31
	.quad	.Lfunc_begin3
	.word	.Lfunc_end3-.Lfunc_begin3
	.byte	1
	.byte	82
	.word	560
	.byte	32
	.byte	2
	.byte	145
	.byte	12
	.word	.Linfo_string41
	.byte	3
	.half	998
	.word	463
	.byte	32
	.byte	2
	.byte	145
	.byte	24
	.word	.Linfo_string66
	.byte	3
	.half	998
	.word	1480
	.byte	24
	.quad	.Ltmp9
	.word	.Ltmp10-.Ltmp9
	.byte	34
	.byte	2
	.byte	145
	.byte	28
	.word	.Linfo_string13
	.byte	3
	.half	1000
	.word	1480
	.byte	0
	.byte	5
	.word	1480
	.word	.Linfo_string18
	.byte	0
	.byte	20
	.word	.Linfo_string35
	.byte	4
	.byte	8
	.byte	31
	.quad	.Lfunc_begin5
	.word	.Lfunc_end5-.Lfunc_begin5
	.byte	1
	.byte	82
	.word	752
	.byte	7
	.byte	2
	.byte	145
	.byte	8
	.word	.Linfo_string41
	.byte	6
	.byte	19
	.word	702
	.byte	35
	.word	608
	.quad	.Ltmp17
	.word	.Ltmp18-.Ltmp17
	.byte	6
	.byte	20
	.byte	9
	.byte	36
	.byte	2
	.byte	145
	.byte	24
	.word	625
	.byte	36
	.byte	2
	.byte	145
	.byte	28
	.word	637
	.byte	0
	.byte	35
	.word	650
	.quad	.Ltmp19
	.word	.Ltmp20-.Ltmp19
	.byte	6
	.byte	20
	.byte	9
	.byte	36
	.byte	2
	.byte	145
	.byte	16
	.word	667
	.byte	36
	.byte	2
	.byte	145
	.byte	20
	.word	679
	.byte	0
	.byte	0
	.byte	37
	.word	.Linfo_string49
	.byte	8
	.byte	8
	.byte	13
	.word	.Linfo_string20
	.word	702
	.byte	8
	.byte	0
	.byte	0
	.byte	20
	.word	.Linfo_string55
	.byte	7
	.byte	8
	.byte	37
	.word	.Linfo_string65
	.byte	16
	.byte	8
	.byte	13
	.word	.Linfo_string62
	.word	1899
	.byte	8
	.byte	0
	.byte	13
	.word	.Linfo_string64
	.word	1862
	.byte	8
	.byte	8
	.byte	0
	.byte	38
	.word	1908
	.word	0
	.byte	20
	.word	.Linfo_string63
	.byte	7
	.byte	1
	.byte	21
	.word	1728
	.word	.Linfo_string70
	.word	0
	.byte	21
	.word	1353
	.word	.Linfo_string78
	.word	0
	.byte	21
	.word	1633
	.word	.Linfo_string80
	.word	0
	.byte	37
	.word	.Linfo_string82
	.byte	16
	.byte	8
	.byte	13
	.word	.Linfo_string62
	.word	1984
	.byte	8
	.byte	0
	.byte	13
	.word	.Linfo_string64
	.word	1862
	.byte	8
	.byte	8
	.byte	0
	.byte	38
	.word	1480
	.word	0
	.byte	21
	.word	1480
	.word	.Linfo_string84
	.word	0
	.byte	39
	.word	1353
	.byte	40
	.word	2019
	.byte	0
	.byte	3
	.byte	0
	.byte	41
	.word	.Linfo_string85
	.byte	8
	.byte	7
	.byte	37
	.word	.Linfo_string94
	.byte	8
	.byte	4
	.byte	13
	.word	.Linfo_string20
	.word	1908
	.byte	1
	.byte	4
	.byte	13
	.word	.Linfo_string90
	.word	2067
	.byte	4
	.byte	0
	.byte	13
	.word	.Linfo_string92
	.word	2074
	.byte	1
	.byte	5
	.byte	0
	.byte	20
	.word	.Linfo_string91
	.byte	16
	.byte	4
	.byte	20
	.word	.Linfo_string93
	.byte	2
	.byte	1
	.byte	39
	.word	1480
	.byte	40
	.word	2019
	.byte	0
	.byte	3
	.byte	0
	.byte	0
.Ldebug_info_end0:
	.section	.text._ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE,"ax",@progbits
.Lsec_end0:
	.section	".text._ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E","ax",@progbits
.Lsec_end1:
	.section	".text._ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE","ax",@progbits
.Lsec_end2:
	.section	".text._ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE","ax",@progbits
.Lsec_end3:
	.section	".text._ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE","ax",@progbits
.Lsec_end4:
	.section	.text._ZN6shapes5Point4norm17h13d3d07245a1b092E,"ax",@progbits
.Lsec_end5:
	.section	.text._ZN6shapes3geo4area17h4df0dfbcc7006cc5E,"ax",@progbits
.Lsec_end6:
	.section	.text._ZN6shapes5first17h02e890546a6a3b7fE,"ax",@progbits
.Lsec_end7:
	.section	.text.main,"ax",@progbits
.Lsec_end8:
	.section	.debug_aranges,"",@progbits
	.word	172
	.half	2
	.word	.Lcu_begin0
	.byte	8
	.byte	0
	.zero	4,255
	.quad	.Lfunc_begin0
	.quad	.Lsec_end0-.Lfunc_begin0
	.quad	.Lfunc_begin1
	.quad	.Lsec_end1-.Lfunc_begin1
	.quad	.Lfunc_begin2
	.quad	.Lsec_end2-.Lfunc_begin2
	.quad	.Lfunc_begin3
	.quad	.Lsec_end3-.Lfunc_begin3
	.quad	.Lfunc_begin4
	.quad	.Lsec_end4-.Lfunc_begin4
	.quad	.Lfunc_begin5
	.quad	.Lsec_end5-.Lfunc_begin5
	.quad	.Lfunc_begin6
	.quad	.Lsec_end6-.Lfunc_begin6
	.quad	.Lfunc_begin7
	.quad	.Lsec_end7-.Lfunc_begin7
	.quad	.Lfunc_begin8
	.quad	.Lsec_end8-.Lfunc_begin8
	.quad	0
	.quad	0
	.section	.debug_ranges,"",@progbits
.Ldebug_ranges0:
	.quad	.Ltmp28
	.quad	.Ltmp29
	.quad	.Ltmp30
	.quad	.Ltmp31
	.quad	0
	.quad	0
.Ldebug_ranges1:
	.quad	.Ltmp33
	.quad	.Ltmp34
	.quad	.Ltmp35
	.quad	.Ltmp45
	.quad	0
	.quad	0
.Ldebug_ranges2:
	.quad	.Ltmp33
	.quad	.Ltmp34
	.quad	.Ltmp35
	.quad	.Ltmp45
	.quad	0
	.quad	0
.Ldebug_ranges3:
	.quad	.Lfunc_begin0
	.quad	.Lfunc_end0
	.quad	.Lfunc_begin1
	.quad	.Lfunc_end1
	.quad	.Lfunc_begin2
	.quad	.Lfunc_end2
	.quad	.Lfunc_begin3
	.quad	.Lfunc_end3
	.quad	.Lfunc_begin4
	.quad	.Lfunc_end4
	.quad	.Lfunc_begin5
	.quad	.Lfunc_end5
	.quad	.Lfunc_begin6
	.quad	.Lfunc_end6
	.quad	.Lfunc_begin7
	.quad	.Lfunc_end7
	.quad	.Lfunc_begin8
	.quad	.Lfunc_end8
	.quad	0
	.quad	0
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"clang LLVM (rustc version 1.85.1 (4eb161250 2025-03-15) (built from a source tarball))"
.Linfo_string1:
	.asciz	"guest-programs/debug/shapes.rs/@/shapes.22f08bd9f3826c83-cgu.0"
.Linfo_string2:
	.asciz	"."
.Linfo_string3:
	.asciz	"core"
.Linfo_string4:
	.asciz	"ops"
.Linfo_string5:
	.asciz	"function"
.Linfo_string6:
	.asciz	"FnOnce"
.Linfo_string7:
	.asciz	"str"
.Linfo_string8:
	.asciz	"{impl#0}"
.Linfo_string9:
	.asciz	"option"
.Linfo_string10:
	.asciz	"u64"
.Linfo_string11:
	.asciz	"None"
.Linfo_string12:
	.asciz	"shapes"
.Linfo_string13:
	.asciz	"x"
.Linfo_string14:
	.asciz	"i32"
.Linfo_string15:
	.asciz	"y"
.Linfo_string16:
	.asciz	"Point"
.Linfo_string17:
	.asciz	"&shapes::Point"
.Linfo_string18:
	.asciz	"T"
.Linfo_string19:
	.asciz	"Some"
.Linfo_string20:
	.asciz	"__0"
.Linfo_string21:
	.asciz	"Option<&shapes::Point>"
.Linfo_string22:
	.asciz	"U"
.Linfo_string23:
	.asciz	"fn(&shapes::Point) -> i32"
.Linfo_string24:
	.asciz	"F"
.Linfo_string25:
	.asciz	"_ZN4core6option15Option$LT$T$GT$6map_or17h7e602e3ea753c37cE"
.Linfo_string26:
	.asciz	"map_or<&shapes::Point, i32, fn(&shapes::Point) -> i32>"
.Linfo_string27:
	.asciz	"u32"
.Linfo_string28:
	.asciz	"Option<i32>"
.Linfo_string29:
	.asciz	"_ZN4core6option15Option$LT$T$GT$9unwrap_or17he267e1b331ec476dE"
.Linfo_string30:
	.asciz	"unwrap_or<i32>"
.Linfo_string31:
	.asciz	"arith"
.Linfo_string32:
	.asciz	"{impl#142}"
.Linfo_string33:
	.asciz	"_ZN45_$LT$f64$u20$as$u20$core..ops..arith..Mul$GT$3mul17hf601e82a9df6daedE"
.Linfo_string34:
	.asciz	"mul"
.Linfo_string35:
	.asciz	"f64"
.Linfo_string36:
	.asciz	"{impl#187}"
.Linfo_string37:
	.asciz	"num"
.Linfo_string38:
	.asciz	"{impl#2}"
.Linfo_string39:
	.asciz	"_ZN4core3num21_$LT$impl$u20$i32$GT$12wrapping_mul17h988998ca339922bdE"
.Linfo_string40:
	.asciz	"wrapping_mul"
.Linfo_string41:
	.asciz	"self"
.Linfo_string42:
	.asciz	"rhs"
.Linfo_string43:
	.asciz	"_ZN4core3num21_$LT$impl$u20$i32$GT$12wrapping_add17hfbfd300413395ae9E"
.Linfo_string44:
	.asciz	"wrapping_add"
.Linfo_string45:
	.asciz	"_ZN6shapes5Point4norm17h13d3d07245a1b092E"
.Linfo_string46:
	.asciz	"norm"
.Linfo_string47:
	.asciz	"geo"
.Linfo_string48:
	.asciz	"Self"
.Linfo_string49:
	.asciz	"(&shapes::Point)"
.Linfo_string50:
	.asciz	"Args"
.Linfo_string51:
	.asciz	"_ZN4core3ops8function6FnOnce9call_once17h3a32e0e92b4fa80aE"
.Linfo_string52:
	.asciz	"call_once<fn(&shapes::Point) -> i32, (&shapes::Point)>"
.Linfo_string53:
	.asciz	"_ZN4core3str21_$LT$impl$u20$str$GT$3len17hb5fd8a6a1c88cd06E"
.Linfo_string54:
	.asciz	"len"
.Linfo_string55:
	.asciz	"usize"
.Linfo_string56:
	.asciz	"_ZN60_$LT$f64$u20$as$u20$core..ops..arith..Mul$LT$$RF$f64$GT$$GT$3mul17ha412f5b9b897660aE"
.Linfo_string57:
	.asciz	"_ZN6shapes3geo4area17h4df0dfbcc7006cc5E"
.Linfo_string58:
	.asciz	"area"
.Linfo_string59:
	.asciz	"_ZN6shapes5first17h02e890546a6a3b7fE"
.Linfo_string60:
	.asciz	"first<i32>"
.Linfo_string61:
	.asciz	"main"
.Linfo_string62:
	.asciz	"data_ptr"
.Linfo_string63:
	.asciz	"u8"
.Linfo_string64:
	.asciz	"length"
.Linfo_string65:
	.asciz	"&str"
.Linfo_string66:
	.asciz	"default"
.Linfo_string67:
	.asciz	"f"
.Linfo_string68:
	.asciz	"t"
.Linfo_string69:
	.asciz	"other"
.Linfo_string70:
	.asciz	"&f64"
.Linfo_string71:
	.asciz	"s"
.Linfo_string72:
	.asciz	"Circle"
.Linfo_string73:
	.asciz	"Rect"
.Linfo_string74:
	.asciz	"w"
.Linfo_string75:
	.asciz	"h"
.Linfo_string76:
	.asciz	"Empty"
.Linfo_string77:
	.asciz	"Shape"
.Linfo_string78:
	.asciz	"&shapes::Shape"
.Linfo_string79:
	.asciz	"r"
.Linfo_string80:
	.asciz	"&u32"
.Linfo_string81:
	.asciz	"slice"
.Linfo_string82:
	.asciz	"&[i32]"
.Linfo_string83:
	.asciz	"first"
.Linfo_string84:
	.asciz	"&i32"
.Linfo_string85:
	.asciz	"__ARRAY_SIZE_TYPE__"
.Linfo_string86:
	.asciz	"some"
.Linfo_string87:
	.asciz	"none"
.Linfo_string88:
	.asciz	"p"
.Linfo_string89:
	.asciz	"tuple"
.Linfo_string90:
	.asciz	"__1"
.Linfo_string91:
	.asciz	"char"
.Linfo_string92:
	.asciz	"__2"
.Linfo_string93:
	.asciz	"bool"
.Linfo_string94:
	.asciz	"(u8, char, bool)"
.Linfo_string95:
	.asciz	"array"
.Linfo_string96:
	.asciz	"label"
.Linfo_string97:
	.asciz	"a"
.Linfo_string98:
	.asciz	"b"
.Linfo_string99:
	.asciz	"c"
.Linfo_string100:
	.asciz	"sum"
.Linfo_string101:
	.asciz	"got"
	.ident	"rustc version 1.85.1 (4eb161250 2025-03-15) (built from a source tarball)"
	.section	".note.GNU-stack","",@progbits
	.section	.debug_line,"",@progbits
.Lline_table_start0:
